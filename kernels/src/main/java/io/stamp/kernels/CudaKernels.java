package io.stamp.kernels;

import io.stamp.engine.Backend;
import io.stamp.engine.Op;
import io.stamp.engine.Update;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Queue;
import java.util.HashMap;
import java.util.Map;

/** Which kernel runs which op. There is no fallback: an op that is not in the table is an error. */
final class CudaKernels {
    private static final Map<Class<?>, CudaKernel<?>> OPS = new HashMap<>();
    private static final Map<Class<?>, CudaUpdateKernel<?>> UPDATES = new HashMap<>();

    private CudaKernels() {}

    static <O extends Op> void run(O op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        @SuppressWarnings("unchecked")
        CudaKernel<O> kernel = (CudaKernel<O>) OPS.get(op.getClass());
        if (kernel == null) {
            throw missing(op.name());
        }
        kernel.run(op, in, out, queue);
    }

    static <U extends Update> void run(U update, DeviceFloats[] tensors, Queue queue) {
        @SuppressWarnings("unchecked")
        CudaUpdateKernel<U> kernel = (CudaUpdateKernel<U>) UPDATES.get(update.getClass());
        if (kernel == null) {
            throw missing(update.name());
        }
        kernel.run(update, tensors, queue);
    }

    private static IllegalStateException missing(String name) {
        return new IllegalStateException("The backend cuda has no kernel for " + name + "; add one to CudaKernels.");
    }

    static Backend.Support supports(Class<?> opOrUpdate) {
        return OPS.containsKey(opOrUpdate) || UPDATES.containsKey(opOrUpdate)
                ? new Backend.Support(true, "has a kernel of its own")
                : new Backend.Support(false, "has no kernel for " + opOrUpdate.getSimpleName());
    }
}
