package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** Mean and biased variance of every channel, the last axis, over all other axes: {@code [..., C] -> [2, C]}. */
public record Moments() implements Op {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Moments(), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shape.of(2, inputs.getFirst().dim(-1));
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.getFirst().values();
        double[] moments = output.values();
        int channels = output.shape().dim(1);
        double count = (double) x.length / channels;
        Arrays.fill(moments, 0);
        for (int i = 0; i < x.length; i++) {
            moments[i % channels] += x[i] / count;
        }
        for (int i = 0; i < x.length; i++) {
            double centred = x[i] - moments[i % channels];
            moments[channels + i % channels] += centred * centred / count;
        }
    }

    @Override
    public boolean savesOutput() {
        return true;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor x = context.input(0);
        int channels = x.shape().dim(-1);
        double perElement = (double) channels / x.shape().size();
        Tensor mean = Slice.of(context.output(), 0, 0, 1).reshape(channels);
        Tensor meanGradient = Slice.of(context.gradient(), 0, 0, 1).reshape(channels);
        Tensor varianceGradient = Slice.of(context.gradient(), 0, 1, 2).reshape(channels);
        Tensor spread = x.minus(mean).times(varianceGradient.times(2));
        return List.of(spread.plus(meanGradient).times(perElement));
    }
}
