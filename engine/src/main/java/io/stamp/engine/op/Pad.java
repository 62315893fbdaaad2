package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** Puts zeros before and after a tensor along an axis, which is not negative: the adjoint of {@link Slice}. */
public record Pad(int axis, int before, int after) implements Op {
    public static Tensor of(Tensor x, int axis, int before, int after) {
        return Tensor.apply(new Pad(x.shape().axis(axis), before, after), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        return x.with(axis, before + x.dim(axis) + after);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int outer = x.shape().product(0, axis);
        int length = x.shape().product(axis, x.shape().rank());
        int row = output.shape().product(axis, output.shape().rank());
        int offset = before * x.shape().product(axis + 1, x.shape().rank());
        Arrays.fill(output.values(), 0);
        for (int i = 0; i < outer; i++) {
            System.arraycopy(x.values(), i * length, output.values(), i * row + offset, length);
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(Slice.of(
                context.gradient(), axis, before, before + context.inputShape(0).dim(axis)));
    }
}
