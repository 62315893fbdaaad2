package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.List;

/** Repeats a tensor along the axes in which it has size 1 or which it lacks, aligned at the end. */
public record BroadcastTo(Shape target) implements Op {
    public static Tensor of(Tensor x, Shape target) {
        return Tensor.apply(new BroadcastTo(target), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        if (!inputs.getFirst().broadcastsTo(target)) {
            throw new StampException("The shape " + inputs.getFirst() + " cannot be repeated to " + target + ".");
        }
        return target;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int[] index = Indices.broadcast(x.shape(), target);
        for (int i = 0; i < index.length; i++) {
            output.values()[i] = x.values()[index[i]];
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(SumTo.of(context.gradient(), context.inputShape(0)));
    }
}
