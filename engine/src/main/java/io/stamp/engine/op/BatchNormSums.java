package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The per-channel sums of {@link BatchNorm}'s gradient, from (output gradient g, x, scale, shift, moments): row 0 is the sum of g,
 * row 1 the sum of g times the normalised x, g being zero where a ReLU was closed; {@code [2, C]}. First order only.
 */
public record BatchNormSums(BatchNorm forward) implements Op {
    @Override
    public Shape shape(List<Shape> inputs) {
        return Shape.of(2, forward.shape(inputs.subList(1, 5)).dim(-1));
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] g = inputs.get(0).values();
        double[] x = inputs.get(1).values();
        double[] moments = inputs.get(4).values();
        int channels = output.shape().dim(1);
        Arrays.fill(output.values(), 0);
        for (int i = 0; i < g.length; i++) {
            int c = i % channels;
            double normalised = (x[i] - moments[c]) / Math.sqrt(moments[channels + c] + forward.epsilon());
            double y = inputs.get(2).values()[c] * normalised + inputs.get(3).values()[c];
            if (!forward.relu() || y > 0) {
                output.values()[c] += g[i];
                output.values()[channels + c] += g[i] * normalised;
            }
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
