package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** Adds entry {@code j} along an axis (not negative) to position {@code indices[j]} of a zero tensor of that size: the adjoint of {@link Gather}. */
public record Scatter(int axis, int[] indices, int size) implements Op {
    public static Tensor of(Tensor x, int axis, int[] indices, int size) {
        return Tensor.apply(new Scatter(x.shape().axis(axis), indices, size), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        if (x.dim(axis) != indices.length) {
            throw new StampException(
                    indices.length + " indices do not match axis " + axis + " of the shape " + x + ".");
        }
        for (int index : indices) {
            if (index < 0 || index >= size) {
                throw new StampException("Index " + index + " lies outside of an axis of size " + size + ".");
            }
        }
        return x.with(axis, size);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int outer = x.shape().product(0, axis);
        int inner = x.shape().product(axis + 1, x.shape().rank());
        Arrays.fill(output.values(), 0);
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < indices.length; j++) {
                for (int k = 0; k < inner; k++) {
                    output.values()[(i * size + indices[j]) * inner + k] +=
                            x.values()[(i * indices.length + j) * inner + k];
                }
            }
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(Gather.of(context.gradient(), axis, indices));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Scatter op && axis == op.axis && size == op.size && Arrays.equals(indices, op.indices);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(indices) + 31 * size + axis;
    }

    @Override
    public String toString() {
        return "Scatter[axis=" + axis + ", indices=" + Arrays.toString(indices) + ", size=" + size + "]";
    }
}
