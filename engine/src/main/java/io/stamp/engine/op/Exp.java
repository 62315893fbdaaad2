package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** The exponential function. */
public record Exp() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Exp(), x);
    }

    @Override
    public double value(double x) {
        return Math.exp(x);
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
        return List.of(context.gradient().times(context.output()));
    }
}
