package io.stamp.kernels.op;

import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Queue;

/** Updates in place: steps.cu. */
public final class Steps {
    private Steps() {}

    public static void sgd(SgdStep update, DeviceFloats[] tensors, Queue queue) {
        queue.launch("sgd")
                .pointer(tensors[0])
                .pointer(tensors[1])
                .pointer(tensors[2])
                .pointer(tensors[3])
                .integer(tensors[0].size())
                .real((float) update.momentum())
                .real((float) update.decay())
                .integer(update.nesterov() ? 1 : 0)
                .over(Packs.covering(tensors[0].size()));
    }

    public static void adam(AdamStep update, DeviceFloats[] tensors, Queue queue) {
        queue.launch("adam")
                .pointer(tensors[0])
                .pointer(tensors[1])
                .pointer(tensors[2])
                .pointer(tensors[3])
                .pointer(tensors[4])
                .integer(tensors[0].size())
                .real((float) update.beta1())
                .real((float) update.beta2())
                .real((float) (1 - update.beta1()))
                .real((float) (1 - update.beta2()))
                .real((float) (update.epsilon() * update.epsilon()))
                .over(Packs.covering(tensors[0].size()));
    }

    public static void movingAverage(MovingAverage update, DeviceFloats[] tensors, Queue queue) {
        int size = tensors[0].size();
        if (update.rate() == 1) {
            // Adding the difference would leave rounding errors of the size of the old value.
            queue.copy(tensors[0].address(), tensors[1].address(), (long) Float.BYTES * size);
            return;
        }
        queue.launch("moving_average")
                .pointer(tensors[0])
                .pointer(tensors[1])
                .integer(size)
                .real((float) update.rate())
                .over(size);
    }
}
