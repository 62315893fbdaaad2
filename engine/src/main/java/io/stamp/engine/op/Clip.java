package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code min(max(x, low), high)}; the gradient is 0 outside of (low, high). */
public record Clip(double low, double high) implements UnaryOp {
    public static Tensor of(Tensor x, double low, double high) {
        return Tensor.apply(new Clip(low, high), x);
    }

    @Override
    public double value(double x) {
        return Math.min(Math.max(x, low), high);
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(RangeMask.of(context.gradient(), context.input(0), low, high));
    }
}
