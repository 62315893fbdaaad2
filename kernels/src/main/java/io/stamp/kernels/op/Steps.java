package io.stamp.kernels.op;

import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.kernels.device.DeviceFloats;
import java.util.function.ToDoubleFunction;

/** Updates in place: steps.cu. */
public final class Steps {
    private static final ToDoubleFunction<DeviceFloats[]> NO_FACTOR = _ -> 0;

    private Steps() {}

    public static void sgd(SgdStep update, DeviceFloats[][] tuples, KernelContext context) {
        Tuples.launch(
                "sgd",
                tuples,
                tuple -> update.decay(tuple[0].shape()),
                launch -> launch.real((float) update.momentum()).integer(update.nesterov() ? 1 : 0),
                context.stream());
    }

    public static void adam(AdamStep update, DeviceFloats[][] tuples, KernelContext context) {
        Tuples.launch(
                "adam",
                tuples,
                NO_FACTOR,
                launch -> launch.real((float) update.beta1())
                        .real((float) update.beta2())
                        .real((float) (1 - update.beta1()))
                        .real((float) (1 - update.beta2()))
                        .real((float) (update.epsilon() * update.epsilon())),
                context.stream());
    }

    public static void movingAverage(MovingAverage update, DeviceFloats[][] tuples, KernelContext context) {
        Tuples.launch(
                "moving_average", tuples, NO_FACTOR, launch -> launch.real((float) update.rate()), context.stream());
    }
}
