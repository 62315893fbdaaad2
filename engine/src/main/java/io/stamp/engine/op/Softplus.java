package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code ln(1 + exp(x))}. */
public record Softplus() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Softplus(), x);
    }

    @Override
    public double value(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(context.gradient().times(Sigmoid.of(context.input(0))));
    }
}
