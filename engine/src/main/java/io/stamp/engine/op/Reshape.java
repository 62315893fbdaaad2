package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.List;

/** The same elements under another shape; shares the memory. */
public record Reshape(Shape target) implements Op {
    public static Tensor of(Tensor x, Shape target) {
        return Tensor.apply(new Reshape(target), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        if (inputs.getFirst().size() != target.size()) {
            throw new StampException("The shape " + inputs.getFirst() + " cannot be seen as " + target
                    + ": the numbers of elements differ.");
        }
        return target;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.getFirst().values();
        System.arraycopy(x, 0, output.values(), 0, x.length);
    }

    @Override
    public boolean aliases() {
        return true;
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(of(context.gradient(), context.inputShape(0)));
    }
}
