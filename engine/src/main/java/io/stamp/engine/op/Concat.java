package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Joins tensors along an axis; the other axes are equal. {@code axis} is not negative. */
public record Concat(int axis) implements Op {
    public static Tensor of(int axis, Tensor... parts) {
        return Tensor.apply(new Concat(parts[0].shape().axis(axis)), parts);
    }

    public static Tensor of(int axis, List<Tensor> parts) {
        return of(axis, parts.toArray(Tensor[]::new));
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape first = inputs.getFirst();
        int total = 0;
        for (Shape part : inputs) {
            if (part.rank() != first.rank() || !part.with(axis, 0).equals(first.with(axis, 0))) {
                throw new StampException("The shapes " + inputs + " cannot be joined along axis " + axis + ".");
            }
            total = Math.addExact(total, part.dim(axis));
        }
        return first.with(axis, total);
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        int outer = output.shape().product(0, axis);
        int row = output.shape().product(axis, output.shape().rank());
        int offset = 0;
        for (Dense part : inputs) {
            int length = part.shape().product(axis, part.shape().rank());
            for (int i = 0; i < outer; i++) {
                System.arraycopy(part.values(), i * length, output.values(), i * row + offset, length);
            }
            offset += length;
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        List<Tensor> gradients = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < context.inputs(); i++) {
            int to = from + context.inputShape(i).dim(axis);
            gradients.add(context.needs(i) ? Slice.of(context.gradient(), axis, from, to) : null);
            from = to;
        }
        return gradients;
    }
}
