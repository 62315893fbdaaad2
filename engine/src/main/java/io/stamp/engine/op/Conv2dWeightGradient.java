package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** The gradient of {@link Conv2d} with respect to its weights, from (input, output gradient). */
public record Conv2dWeightGradient(ConvGeometry geometry) implements Op {
    static Tensor of(Tensor x, Tensor gradient, ConvGeometry geometry) {
        return Tensor.apply(new Conv2dWeightGradient(geometry), x, gradient);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Conv2d.require(name(), inputs, Conv2d.inputShape(geometry), Conv2d.outputShape(geometry));
        return Conv2d.weightShape(geometry);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.get(0).values();
        double[] g = inputs.get(1).values();
        double[] w = output.values();
        Arrays.fill(w, 0);
        ConvLoops.forEach(geometry, (xi, wi, yi, channels) -> {
            for (int c = 0; c < channels; c++) {
                w[wi + c] += g[yi] * x[xi + c];
            }
        });
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor h = context.gradient();
        return Arrays.asList(
                context.when(0, () -> Conv2dInputGradient.of(context.input(1), h, geometry)),
                context.when(1, () -> Conv2d.of(context.input(0), h, geometry)));
    }

    @Override
    public long multiplyAccumulates(List<Shape> inputs) {
        return geometry.macs();
    }
}
