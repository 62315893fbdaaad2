package io.stamp.kernels;

import io.stamp.engine.Update;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.op.KernelContext;

/** How the backend {@code cuda} runs one kind of update. */
@FunctionalInterface
public interface CudaUpdateKernel<U extends Update> {
    /** Puts the work that overwrites the first {@link Update#mutated()} tensors of each tuple into the stream. */
    void run(U update, DeviceFloats[][] tuples, KernelContext context);
}
