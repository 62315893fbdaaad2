package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.List;

/**
 * A convolution and what follows it in inference: {@code f(conv(x, weight) + bias + residual)}. Inputs as in {@link Conv2d},
 * a bias {@code [O]}, and perhaps a residual of the output's shape. For constant weights, which a backend may prepare once; it has
 * no gradient.
 *
 * @param relu whether f is ReLU rather than the identity
 */
public record FusedConv2d(ConvGeometry geometry, boolean relu) implements Op {
    public static Tensor of(Tensor x, Tensor weight, Tensor bias, int stride, int padding, int groups, boolean relu) {
        return Tensor.apply(fused(x, weight, stride, padding, groups, relu), x, weight, bias);
    }

    public static Tensor of(
            Tensor x, Tensor weight, Tensor bias, Tensor residual, int stride, int padding, int groups, boolean relu) {
        return Tensor.apply(fused(x, weight, stride, padding, groups, relu), x, weight, bias, residual);
    }

    private static FusedConv2d fused(Tensor x, Tensor weight, int stride, int padding, int groups, boolean relu) {
        return new FusedConv2d(Conv2d.geometry(x.shape(), weight.shape(), stride, padding, groups), relu);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape output = new Conv2d(geometry).shape(inputs.subList(0, 2));
        List<Shape> added = List.of(Shape.of(geometry.outChannels()), output);
        if (!inputs.subList(2, inputs.size()).equals(added.subList(0, inputs.size() - 2))) {
            throw new StampException(name() + " expects a bias and perhaps a residual of the shapes " + added + ", not "
                    + inputs.subList(2, inputs.size()) + ".");
        }
        return output;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        new Conv2d(geometry).define(inputs.subList(0, 2), output);
        double[] bias = inputs.get(2).values();
        double[] y = output.values();
        for (int i = 0; i < y.length; i++) {
            y[i] += bias[i % bias.length];
            if (inputs.size() > 3) {
                y[i] += inputs.get(3).values()[i];
            }
            if (relu) {
                y[i] = Math.max(y[i], 0);
            }
        }
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        throw new IllegalStateException(
                name() + " is for constant weights only; train with " + Conv2d.class.getSimpleName() + ".");
    }

    @Override
    public long multiplyAccumulates(List<Shape> inputs) {
        return geometry.macs();
    }
}
