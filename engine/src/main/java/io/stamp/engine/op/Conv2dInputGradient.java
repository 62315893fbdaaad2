package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** The gradient of {@link Conv2d} with respect to its input, from (output gradient, weights): the transposed convolution. */
public record Conv2dInputGradient(ConvGeometry geometry) implements Op {
    static Tensor of(Tensor gradient, Tensor weight, ConvGeometry geometry) {
        return Tensor.apply(new Conv2dInputGradient(geometry), gradient, weight);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Conv2d.require(name(), inputs, Conv2d.outputShape(geometry), Conv2d.weightShape(geometry));
        return Conv2d.inputShape(geometry);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] g = inputs.get(0).values();
        double[] w = inputs.get(1).values();
        double[] x = output.values();
        Arrays.fill(x, 0);
        ConvLoops.forEach(geometry, (xi, wi, yi, channels) -> {
            for (int c = 0; c < channels; c++) {
                x[xi + c] += g[yi] * w[wi + c];
            }
        });
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor h = context.gradient();
        return Arrays.asList(
                context.when(0, () -> Conv2d.of(h, context.input(1), geometry)),
                context.when(1, () -> Conv2dWeightGradient.of(h, context.input(0), geometry)));
    }

    @Override
    public long multiplyAccumulates(List<Shape> inputs) {
        return geometry.macs();
    }
}
