package io.stamp.kernels.op;

import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;

/** Max pooling and its adjoint: pool.cu. */
public final class Pooling {
    private Pooling() {}

    public static void pool(MaxPool op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        run("max_pool_4", "max_pool_1", op.size(), out, in, out, context.stream());
    }

    public static void unpool(MaxUnpool op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        run("max_unpool_4", "max_unpool_1", op.size(), in[0], in, out, context.stream());
    }

    private static void run(
            String forPacks,
            String forSingles,
            int size,
            DeviceFloats pooled,
            DeviceFloats[] in,
            DeviceFloats out,
            CudaStream stream) {
        int channels = pooled.shape().dim(3);
        int pack = Packs.widthFor(channels);
        stream.launch(pack == Packs.WIDTH ? forPacks : forSingles)
                .pointer(in[0])
                .pointer(in[1])
                .pointer(out)
                .integer(pooled.size())
                .integer(pooled.shape().dim(2))
                .integer(channels)
                .integer(size)
                .over(pooled.size() / pack);
    }
}
