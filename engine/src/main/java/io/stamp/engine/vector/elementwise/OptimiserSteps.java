package io.stamp.engine.vector.elementwise;

import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;

/** Updates in place. The loops go on to the end of the last vector. */
public final class OptimiserSteps {
    private OptimiserSteps() {}

    public static void sgd(SgdStep update, Floats[] tensors, Workers workers) {
        Ranges.run(tensors[0].size(), workers, (from, to) -> sgdLoop(update, tensors, from, to));
    }

    private static void sgdLoop(SgdStep update, Floats[] tensors, int from, int to) {
        float[] p = tensors[0].data();
        float[] v = tensors[1].data();
        float[] g = tensors[2].data();
        FloatVector rate = FloatVector.broadcast(Lanes.FLOATS, -tensors[3].data()[0]);
        FloatVector momentum = FloatVector.broadcast(Lanes.FLOATS, (float) update.momentum());
        FloatVector decay = FloatVector.broadcast(Lanes.FLOATS, (float) update.decay(tensors[0].shape()));
        boolean nesterov = update.nesterov();
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector parameter = FloatVector.fromArray(Lanes.FLOATS, p, i);
            FloatVector decayed = parameter.fma(decay, FloatVector.fromArray(Lanes.FLOATS, g, i));
            FloatVector velocity = FloatVector.fromArray(Lanes.FLOATS, v, i).fma(momentum, decayed);
            FloatVector step = nesterov ? velocity.fma(momentum, decayed) : velocity;
            velocity.intoArray(v, i);
            step.fma(rate, parameter).intoArray(p, i);
        }
    }

    public static void adam(AdamStep update, Floats[] tensors, Workers workers) {
        float[] p = tensors[0].data();
        float[] m = tensors[1].data();
        float[] v = tensors[2].data();
        float[] g = tensors[3].data();
        float rate = -tensors[4].data()[0];
        float scale = tensors[4].data()[1];
        float damping = (float) (update.epsilon() * update.epsilon());
        Ranges.run(
                tensors[0].size(), workers, (from, to) -> adamLoop(update, rate, scale, damping, p, m, v, g, from, to));
    }

    private static void adamLoop(
            AdamStep update,
            float rate,
            float scale,
            float damping,
            float[] p,
            float[] m,
            float[] v,
            float[] g,
            int from,
            int to) {
        float beta1 = (float) update.beta1();
        float beta2 = (float) update.beta2();
        float fresh1 = (float) (1 - update.beta1());
        float fresh2 = (float) (1 - update.beta2());
        FloatVector damped = FloatVector.broadcast(Lanes.FLOATS, damping);
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector gradient = FloatVector.fromArray(Lanes.FLOATS, g, i);
            FloatVector first =
                    FloatVector.fromArray(Lanes.FLOATS, m, i).mul(beta1).add(gradient.mul(fresh1));
            FloatVector second = FloatVector.fromArray(Lanes.FLOATS, v, i)
                    .mul(beta2)
                    .add(gradient.mul(gradient).mul(fresh2));
            first.intoArray(m, i);
            second.intoArray(v, i);
            FloatVector root = second.mul(scale).add(damped).sqrt();
            FloatVector.fromArray(Lanes.FLOATS, p, i)
                    .add(first.mul(rate).div(root))
                    .intoArray(p, i);
        }
    }

    public static void movingAverage(MovingAverage update, Floats[] tensors, Workers workers) {
        if (update.rate() == 1) {
            // Adding the difference would leave rounding errors of the size of the old value.
            System.arraycopy(tensors[1].data(), 0, tensors[0].data(), 0, tensors[0].size());
            return;
        }
        float rate = (float) update.rate();
        Ranges.run(
                tensors[0].size(),
                workers,
                (from, to) -> averageLoop(rate, tensors[0].data(), tensors[1].data(), from, to));
    }

    private static void averageLoop(float rate, float[] average, float[] value, int from, int to) {
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector before = FloatVector.fromArray(Lanes.FLOATS, average, i);
            FloatVector.fromArray(Lanes.FLOATS, value, i)
                    .sub(before)
                    .mul(rate)
                    .add(before)
                    .intoArray(average, i);
        }
    }
}
