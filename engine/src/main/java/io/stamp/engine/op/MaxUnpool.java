package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** Puts each pooled value at the place of its window where {@code by} is largest, zero elsewhere: the adjoint of {@link MaxPool}. */
public record MaxUnpool(int size) implements Op {
    static Tensor of(Tensor pooled, Tensor by, int size) {
        return Tensor.apply(new MaxUnpool(size), pooled, by);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape by = inputs.get(1);
        if (!inputs.getFirst().equals(MaxPool.pooled(by, size))) {
            throw new StampException("Pooled values " + inputs.getFirst() + " do not belong to windows of " + by + ".");
        }
        return by;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] pooled = inputs.get(0).values();
        Dense by = inputs.get(1);
        Arrays.fill(output.values(), 0);
        for (int i = 0; i < pooled.length; i++) {
            output.values()[MaxPool.largest(by.values(), by.shape(), size, i)] = pooled[i];
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
                context.when(0, () -> MaxPool.of(context.gradient(), by, size)),
                context.when(1, () -> Tensor.filled(by.backend(), by.shape(), 0)));
    }
}
