package io.stamp.kernels.op;

import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Queue;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvWork;

/** Convolutions, each in the way that the queue's {@link io.stamp.kernels.dnn.Convolver} has chosen. */
public final class Convolutions {
    private static final int RESIDUAL = 3;

    private Convolutions() {}

    public static void forward(Conv2d op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        run(ConvWork.forward(op.geometry()), in, out, queue);
    }

    public static void inputGradient(Conv2dInputGradient op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        run(ConvWork.inputGradient(op.geometry()), in, out, queue);
    }

    public static void weightGradient(Conv2dWeightGradient op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        run(ConvWork.weightGradient(op.geometry()), in, out, queue);
    }

    private static void run(ConvWork work, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        queue.convolver().run(work, ConvOperands.of(in[0].address(), in[1].address(), out.address()));
    }

    public static void fused(FusedConv2d op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        boolean hasResidual = in.length > RESIDUAL;
        long residual = hasResidual ? in[RESIDUAL].address() : 0;
        queue.convolver()
                .run(
                        ConvWork.finished(op.geometry(), hasResidual, op.relu()),
                        new ConvOperands(in[0].address(), in[1].address(), in[2].address(), residual, out.address()));
    }
}
