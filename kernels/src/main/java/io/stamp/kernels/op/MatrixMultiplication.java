package io.stamp.kernels.op;

import io.stamp.engine.op.MatMul;
import io.stamp.kernels.device.DeviceFloats;

/** Matrix products, by the library. */
public final class MatrixMultiplication {
    private MatrixMultiplication() {}

    public static void matMul(MatMul op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        MatMul.Sizes s = op.sizes(in[0].shape(), in[1].shape());
        if (out.size() == 0 || s.k() == 0) {
            context.stream().clear(out.address(), (long) Float.BYTES * out.size());
            return;
        }
        context.blas()
                .multiply(
                        s.batch(),
                        op.transposeLeft(),
                        op.transposeRight(),
                        s.m(),
                        s.n(),
                        s.k(),
                        in[0].address(),
                        (long) s.m() * s.k(),
                        in[1].address(),
                        (long) s.k() * s.n(),
                        out.address(),
                        (long) s.m() * s.n());
    }
}
