package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** {@code x} where {@code low < y < high}, else 0: the gradient of clipping. Constant in y. */
public record RangeMask(double low, double high) implements BinaryOp {
    public static Tensor of(Tensor x, Tensor y, double low, double high) {
        return Tensor.apply(new RangeMask(low, high), x, y);
    }

    @Override
    public double value(double x, double y) {
        return low < y && y < high ? x : 0;
    }

    @Override
    public boolean saves(int input) {
        return input == 1;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor x = BinaryOp.unbroadcast(of(context.gradient(), context.input(1), low, high), context.inputShape(0));
        return Arrays.asList(x, context.when(1, () -> Tensor.filled(x.backend(), context.inputShape(1), 0)));
    }
}
