package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The matrix product over the last two axes, {@code op(x) * op(y)} where {@code op} transposes on demand; leading axes are a batch
 * that both operands share exactly.
 */
public record MatMul(boolean transposeLeft, boolean transposeRight) implements Op {
    public static Tensor of(Tensor x, Tensor y, boolean transposeLeft, boolean transposeRight) {
        return Tensor.apply(new MatMul(transposeLeft, transposeRight), x, y);
    }

    /** The sizes of one call: {@code batch} products of an m x k by a k x n matrix. */
    public record Sizes(int batch, int m, int n, int k) {}

    public Sizes sizes(Shape x, Shape y) {
        int rank = x.rank();
        boolean fits = rank >= 2
                && y.rank() == rank
                && x.with(-1, 1).with(-2, 1).equals(y.with(-1, 1).with(-2, 1));
        if (fits) {
            int m = x.dim(transposeLeft ? -1 : -2);
            int k = x.dim(transposeLeft ? -2 : -1);
            int n = y.dim(transposeRight ? -2 : -1);
            if (y.dim(transposeRight ? -1 : -2) == k) {
                return new Sizes(x.product(0, rank - 2), m, n, k);
            }
        }
        throw new StampException("The shapes " + x + (transposeLeft ? " transposed" : "") + " and " + y
                + (transposeRight ? " transposed" : "") + " do not fit a matmul.");
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Sizes sizes = sizes(inputs.get(0), inputs.get(1));
        return inputs.get(0).with(-2, sizes.m).with(-1, sizes.n);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Sizes s = sizes(inputs.get(0).shape(), inputs.get(1).shape());
        double[] x = inputs.get(0).values();
        double[] y = inputs.get(1).values();
        for (int b = 0; b < s.batch; b++) {
            for (int i = 0; i < s.m; i++) {
                for (int j = 0; j < s.n; j++) {
                    double sum = 0;
                    for (int l = 0; l < s.k; l++) {
                        double left = x[b * s.m * s.k + (transposeLeft ? l * s.m + i : i * s.k + l)];
                        double right = y[b * s.k * s.n + (transposeRight ? j * s.k + l : l * s.n + j)];
                        sum += left * right;
                    }
                    output.values()[(b * s.m + i) * s.n + j] = sum;
                }
            }
        }
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor g = context.gradient();
        return Arrays.asList(
                context.when(
                        0,
                        () -> transposeLeft
                                ? of(context.input(1), g, transposeRight, true)
                                : of(g, context.input(1), false, !transposeRight)),
                context.when(
                        1,
                        () -> transposeRight
                                ? of(g, context.input(0), true, transposeLeft)
                                : of(context.input(0), g, !transposeLeft, false)));
    }

    @Override
    public long multiplyAccumulates(List<Shape> inputs) {
        Sizes s = sizes(inputs.get(0), inputs.get(1));
        return (long) s.batch * s.m * s.n * s.k;
    }
}
