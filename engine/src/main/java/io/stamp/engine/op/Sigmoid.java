package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code 1 / (1 + exp(-x))}. */
public record Sigmoid() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Sigmoid(), x);
    }

    @Override
    public double value(double x) {
        return 1 / (1 + Math.exp(-x));
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
        Tensor y = context.output();
        return List.of(context.gradient().times(y.times(Affine.of(y, -1, 1))));
    }
}
