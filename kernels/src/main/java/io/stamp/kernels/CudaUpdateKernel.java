package io.stamp.kernels;

import io.stamp.engine.Update;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Queue;

/** How the backend {@code cuda} runs one kind of update. */
@FunctionalInterface
public interface CudaUpdateKernel<U extends Update> {
    /** Puts the work that overwrites the first {@link Update#mutated()} tensors of each tuple into the queue. */
    void run(U update, DeviceFloats[][] tuples, Queue queue);
}
