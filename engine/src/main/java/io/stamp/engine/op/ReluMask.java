package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** {@code x} where {@code y > 0}, else 0: the gradient of ReLU. Constant in y. */
public record ReluMask() implements BinaryOp {
    public static Tensor of(Tensor x, Tensor y) {
        return Tensor.apply(new ReluMask(), x, y);
    }

    @Override
    public double value(double x, double y) {
        return y > 0 ? x : 0;
    }

    @Override
    public boolean saves(int input) {
        return input == 1;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor x = BinaryOp.unbroadcast(of(context.gradient(), context.input(1)), context.inputShape(0));
        return Arrays.asList(x, context.when(1, () -> Tensor.filled(x.backend(), context.inputShape(1), 0)));
    }
}
