package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code max(x, 0)}; the gradient at 0 is 0. */
public record Relu() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Relu(), x);
    }

    @Override
    public double value(double x) {
        return Math.max(x, 0);
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public boolean savesOutput() {
        return true;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(ReluMask.of(context.gradient(), context.output()));
    }
}
