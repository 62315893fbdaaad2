package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** Picks entries along an axis (not negative) by index, in the given order; indices may repeat. */
public record Gather(int axis, int[] indices) implements Op {
    public static Tensor of(Tensor x, int axis, int[] indices) {
        return Tensor.apply(new Gather(x.shape().axis(axis), indices), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        for (int index : indices) {
            if (index < 0 || index >= x.dim(axis)) {
                throw new StampException(
                        "Index " + index + " lies outside of axis " + axis + " of the shape " + x + ".");
            }
        }
        return x.with(axis, indices.length);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int outer = x.shape().product(0, axis);
        int inner = x.shape().product(axis + 1, x.shape().rank());
        int size = x.shape().dim(axis);
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < indices.length; j++) {
                System.arraycopy(
                        x.values(),
                        (i * size + indices[j]) * inner,
                        output.values(),
                        (i * indices.length + j) * inner,
                        inner);
            }
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(Scatter.of(
                context.gradient(), axis, indices, context.inputShape(0).dim(axis)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Gather op && axis == op.axis && Arrays.equals(indices, op.indices);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(indices) + axis;
    }

    @Override
    public String toString() {
        return "Gather[axis=" + axis + ", indices=" + Arrays.toString(indices) + "]";
    }
}
