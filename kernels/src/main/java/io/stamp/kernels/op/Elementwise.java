package io.stamp.kernels.op;

import io.stamp.engine.op.Affine;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.Log;
import io.stamp.engine.op.Log1mExp;
import io.stamp.engine.op.LogGamma;
import io.stamp.engine.op.Polygamma;
import io.stamp.engine.op.Power;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.Sigmoid;
import io.stamp.engine.op.Softplus;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Launch;

/** Ops that map every element by itself: elementwise.cu and special.cu. */
public final class Elementwise {
    /** Twice the largest exponent that is multiplied out. */
    private static final int LARGEST_TWICE = 8;

    private Elementwise() {}

    private static Launch launch(String kernel, DeviceFloats[] in, DeviceFloats out, CudaStream stream) {
        return stream.launch(kernel).pointer(in[0]).pointer(out).integer(out.size());
    }

    public static void relu(Relu op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("relu", in, out, context.stream()).over(Packs.covering(out.size()));
    }

    public static void affine(Affine op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("affine", in, out, context.stream())
                .real((float) op.scale())
                .real((float) op.shift())
                .over(Packs.covering(out.size()));
    }

    public static void clip(Clip op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("clip", in, out, context.stream())
                .real((float) op.low())
                .real((float) op.high())
                .over(Packs.covering(out.size()));
    }

    /** Small multiples of 1/2 by multiplication and square root, other exponents in double precision. */
    public static void power(Power op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        double twice = 2 * Math.abs(op.exponent());
        if (twice == Math.rint(twice) && twice <= LARGEST_TWICE) {
            launch("small_power", in, out, context.stream())
                    .integer((int) twice / 2)
                    .integer((int) twice % 2)
                    .integer(op.exponent() < 0 ? 1 : 0)
                    .over(Packs.covering(out.size()));
        } else {
            launch("power", in, out, context.stream()).real64(op.exponent()).over(Packs.covering(out.size()));
        }
    }

    public static void exp(Exp op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("exponential", in, out, context.stream()).over(Packs.covering(out.size()));
    }

    public static void log(Log op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("logarithm", in, out, context.stream()).over(Packs.covering(out.size()));
    }

    public static void sigmoid(Sigmoid op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("sigmoid", in, out, context.stream()).over(Packs.covering(out.size()));
    }

    public static void softplus(Softplus op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("softplus", in, out, context.stream()).over(Packs.covering(out.size()));
    }

    public static void log1mExp(Log1mExp op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("log1m_exp", in, out, context.stream()).over(Packs.covering(out.size()));
    }

    public static void logGamma(LogGamma op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("log_gamma", in, out, context.stream()).over(out.size());
    }

    public static void polygamma(Polygamma op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        launch("polygamma", in, out, context.stream()).integer(op.order()).over(out.size());
    }
}
