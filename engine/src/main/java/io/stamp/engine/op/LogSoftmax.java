package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code x - ln sum exp(x)} along the last axis. */
public record LogSoftmax() implements Op {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new LogSoftmax(), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return inputs.getFirst();
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.getFirst().values();
        int n = output.shape().dim(-1);
        for (int row = 0; row < x.length; row += n) {
            double max = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                max = Math.max(max, x[row + i]);
            }
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Math.exp(x[row + i] - max);
            }
            double shift = max + Math.log(sum);
            for (int i = 0; i < n; i++) {
                output.values()[row + i] = x[row + i] - shift;
            }
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public boolean savesOutput() {
        return true;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor gradient = context.gradient();
        return List.of(gradient.minus(Exp.of(context.output()).times(gradient.sum(-1))));
    }
}
