package io.stamp.kernels;

import io.stamp.engine.Op;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.op.KernelContext;

/** How the backend {@code cuda} runs one kind of op. */
@FunctionalInterface
public interface CudaKernel<O extends Op> {
    /** Puts the work that computes {@code out}, which overlaps none of {@code in}, into the stream, and waits for nothing. */
    void run(O op, DeviceFloats[] in, DeviceFloats out, KernelContext context);
}
