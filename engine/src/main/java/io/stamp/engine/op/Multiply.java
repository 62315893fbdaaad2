package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** {@code x * y}, broadcasting. */
public record Multiply() implements BinaryOp {
    public static Tensor of(Tensor x, Tensor y) {
        return Tensor.apply(new Multiply(), x, y);
    }

    @Override
    public double value(double x, double y) {
        return x * y;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor gradient = context.gradient();
        return Arrays.asList(
                context.when(0, () -> BinaryOp.unbroadcast(gradient.times(context.input(1)), context.inputShape(0))),
                context.when(1, () -> BinaryOp.unbroadcast(gradient.times(context.input(0)), context.inputShape(1))));
    }
}
