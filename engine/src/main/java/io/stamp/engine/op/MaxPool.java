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
 * Max pooling over disjoint {@code size x size} windows of {@code [N,H,W,C]}, H and W divisible by {@code size}. It takes two inputs:
 * from {@code values} it picks, in each window, the element at the place where {@code by} is largest (the first such place); with
 * both the same this is the maximum. Written so, the op and {@link MaxUnpool} are each other's adjoints and can be differentiated
 * any number of times.
 */
public record MaxPool(int size) implements Op {
    public static Tensor of(Tensor x, int size) {
        return of(x, x.detach(), size);
    }

    static Tensor of(Tensor values, Tensor by, int size) {
        return Tensor.apply(new MaxPool(size), values, by);
    }

    static Shape pooled(Shape x, int size) {
        if (x.rank() != 4 || x.dim(1) % size != 0 || x.dim(2) % size != 0) {
            throw new StampException(
                    "Max pooling by " + size + " needs [N,H,W,C] with H and W divisible by it, not " + x + ".");
        }
        return Shape.of(x.dim(0), x.dim(1) / size, x.dim(2) / size, x.dim(3));
    }

    /** The flat index in {@code [N,H,W,C]} of the largest element of the window that belongs to a pooled element. */
    static int largest(double[] by, Shape x, int size, int pooledIndex) {
        int channels = x.dim(3);
        int c = pooledIndex % channels;
        int ox = pooledIndex / channels % (x.dim(2) / size);
        int row = pooledIndex / channels / (x.dim(2) / size);
        int best = -1;
        for (int ky = 0; ky < size; ky++) {
            for (int kx = 0; kx < size; kx++) {
                int index = ((row * size + ky) * x.dim(2) + ox * size + kx) * channels + c;
                if (best < 0 || by[index] > by[best]) {
                    best = index;
                }
            }
        }
        return best;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        if (!x.equals(inputs.get(1))) {
            throw new StampException("Max pooling needs values and places of one shape, not " + inputs + ".");
        }
        return pooled(x, size);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense values = inputs.get(0);
        for (int i = 0; i < output.values().length; i++) {
            output.values()[i] = values.values()[largest(inputs.get(1).values(), values.shape(), size, i)];
        }
    }

    @Override
    public boolean saves(int input) {
        return input == 1;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor by = context.input(1);
        return Arrays.asList(
                context.when(0, () -> MaxUnpool.of(context.gradient(), by, size)),
                context.when(1, () -> Tensor.filled(by.backend(), by.shape(), 0)));
    }
}
