package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.List;

/**
 * {@link BatchNorm}'s gradient with respect to x, from (output gradient, x, scale, shift, moments, {@link BatchNormSums}). First
 * order only.
 */
public record BatchNormInputGradient(BatchNorm forward) implements Op {
    @Override
    public Shape shape(List<Shape> inputs) {
        return forward.shape(inputs.subList(1, 5));
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] g = inputs.get(0).values();
        double[] x = inputs.get(1).values();
        double[] scale = inputs.get(2).values();
        double[] moments = inputs.get(4).values();
        double[] sums = inputs.get(5).values();
        int channels = output.shape().dim(-1);
        double count = forward.batchStatistics() ? (double) x.length / channels : Double.POSITIVE_INFINITY;
        for (int i = 0; i < g.length; i++) {
            int c = i % channels;
            double inverseDeviation = 1 / Math.sqrt(moments[channels + c] + forward.epsilon());
            double normalised = (x[i] - moments[c]) * inverseDeviation;
            boolean open =
                    !forward.relu() || scale[c] * normalised + inputs.get(3).values()[c] > 0;
            double centred = (open ? g[i] : 0) - sums[c] / count - normalised * sums[channels + c] / count;
            output.values()[i] = scale[c] * inverseDeviation * centred;
        }
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        throw new IllegalStateException(name() + " is a first-order kernel; differentiate with createGraph.");
    }
}
