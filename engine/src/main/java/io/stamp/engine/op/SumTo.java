package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** Sums over those axes in which {@code target}, aligned at the end, is 1 or missing: the adjoint of {@link BroadcastTo}. */
public record SumTo(Shape target) implements Op {
    public static Tensor of(Tensor x, Shape target) {
        return Tensor.apply(new SumTo(target), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        if (!target.broadcastsTo(inputs.getFirst())) {
            throw new StampException("The shape " + inputs.getFirst() + " cannot be summed to " + target + ".");
        }
        return target;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int[] index = Indices.broadcast(target, x.shape());
        Arrays.fill(output.values(), 0);
        for (int i = 0; i < index.length; i++) {
            output.values()[index[i]] += x.values()[i];
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(BroadcastTo.of(context.gradient(), context.inputShape(0)));
    }
}
