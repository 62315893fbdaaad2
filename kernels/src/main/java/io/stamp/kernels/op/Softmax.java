package io.stamp.kernels.op;

import io.stamp.engine.op.LogSoftmax;
import io.stamp.kernels.device.DeviceFloats;

/** The logarithm of the softmax over the last axis: softmax.cu. */
public final class Softmax {
    private static final int WARP = 32;

    private Softmax() {}

    public static void logSoftmax(LogSoftmax op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int length = out.shape().dim(-1);
        int rows = out.size() / Math.max(1, length);
        context.stream()
                .launch("log_softmax")
                .pointer(in[0])
                .pointer(out)
                .integer(rows)
                .integer(length)
                .over((long) WARP * rows);
    }
}
