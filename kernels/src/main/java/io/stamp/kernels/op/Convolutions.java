package io.stamp.kernels.op;

import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvProblem;

/** Convolutions, each by the algorithm that the {@link io.stamp.kernels.dnn.Convolver} has chosen. */
public final class Convolutions {
    private static final int RESIDUAL = 3;

    private Convolutions() {}

    public static void forward(Conv2d op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        run(ConvProblem.forward(op.geometry()), in, out, context);
    }

    public static void inputGradient(
            Conv2dInputGradient op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        run(ConvProblem.inputGradient(op.geometry()), in, out, context);
    }

    public static void weightGradient(
            Conv2dWeightGradient op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        run(ConvProblem.weightGradient(op.geometry()), in, out, context);
    }

    private static void run(ConvProblem problem, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        context.convolver().run(problem, ConvOperands.of(in[0].address(), in[1].address(), out.address()));
    }

    public static void fused(FusedConv2d op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        boolean hasResidual = in.length > RESIDUAL;
        long residual = hasResidual ? in[RESIDUAL].address() : 0;
        context.convolver()
                .run(
                        ConvProblem.withEpilogue(op.geometry(), hasResidual, op.relu()),
                        new ConvOperands(in[0].address(), in[1].address(), in[2].address(), residual, out.address()));
    }
}
