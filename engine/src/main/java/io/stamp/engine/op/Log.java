package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** The natural logarithm. */
public record Log() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new Log(), x);
    }

    @Override
    public double value(double x) {
        return Math.log(x);
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(context.gradient().over(context.input(0)));
    }
}
