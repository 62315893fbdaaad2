package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.List;

/** The part of a tensor from {@code from} (inclusive) to {@code to} (exclusive) along an axis, which is not negative. */
public record Slice(int axis, int from, int to) implements Op {
    public static Tensor of(Tensor x, int axis, int from, int to) {
        return Tensor.apply(new Slice(x.shape().axis(axis), from, to), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        if (from < 0 || from > to || to > x.dim(axis)) {
            throw new StampException(
                    "There is no part [" + from + ", " + to + ") along axis " + axis + " of the shape " + x + ".");
        }
        return x.with(axis, to - from);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int outer = x.shape().product(0, axis);
        int inner = x.shape().product(axis + 1, x.shape().rank());
        int row = x.shape().dim(axis) * inner;
        int length = (to - from) * inner;
        for (int i = 0; i < outer; i++) {
            System.arraycopy(x.values(), i * row + from * inner, output.values(), i * length, length);
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(
                Pad.of(context.gradient(), axis, from, context.inputShape(0).dim(axis) - to));
    }
}
