package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Two-dimensional convolution (cross-correlation) with zero padding: input {@code [N,H,W,C]}, weights
 * {@code [O,KH,KW,C/groups]}, result {@code [N,OH,OW,O]}.
 */
public record Conv2d(ConvGeometry geometry) implements Op {
    public static Tensor of(Tensor x, Tensor weight, int stride, int padding, int groups) {
        return of(x, weight, geometry(x.shape(), weight.shape(), stride, padding, groups));
    }

    static Tensor of(Tensor x, Tensor weight, ConvGeometry geometry) {
        return Tensor.apply(new Conv2d(geometry), x, weight);
    }

    /** The geometry of a call; an error where input and weights do not fit. */
    public static ConvGeometry geometry(Shape x, Shape weight, int stride, int padding, int groups) {
        if (x.rank() != 4 || weight.rank() != 4 || x.dim(3) != weight.dim(3) * groups || weight.dim(0) % groups != 0) {
            throw new StampException("A convolution in " + groups + " group(s) cannot apply weights " + weight
                    + " [O,KH,KW,C/groups] to the input " + x + " [N,H,W,C].");
        }
        return new ConvGeometry(
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                weight.dim(0),
                weight.dim(1),
                weight.dim(2),
                stride,
                padding,
                groups);
    }

    static Shape inputShape(ConvGeometry g) {
        return Shape.of(g.batch(), g.height(), g.width(), g.inChannels());
    }

    static Shape weightShape(ConvGeometry g) {
        return Shape.of(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.inChannels() / g.groups());
    }

    static Shape outputShape(ConvGeometry g) {
        return Shape.of(g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
    }

    static void require(String op, List<Shape> found, Shape first, Shape second) {
        if (!found.equals(List.of(first, second))) {
            throw new StampException(op + " expects the shapes " + first + " and " + second + ", not " + found + ".");
        }
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        require(name(), inputs, inputShape(geometry), weightShape(geometry));
        return outputShape(geometry);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.get(0).values();
        double[] w = inputs.get(1).values();
        double[] y = output.values();
        Arrays.fill(y, 0);
        ConvLoops.forEach(geometry, (xi, wi, yi, channels) -> {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += x[xi + c] * w[wi + c];
            }
            y[yi] += sum;
        });
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor g = context.gradient();
        return Arrays.asList(
                context.when(0, () -> Conv2dInputGradient.of(g, context.input(1), geometry)),
                context.when(1, () -> Conv2dWeightGradient.of(context.input(0), g, geometry)));
    }

    @Override
    public long multiplyAccumulates(List<Shape> inputs) {
        return geometry.macs();
    }
}
