package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import io.stamp.engine.math.SpecialFunctions;
import java.util.List;

/** The logarithm of the gamma function, for x > 0. */
public record LogGamma() implements UnaryOp {
    public static Tensor of(Tensor x) {
        return Tensor.apply(new LogGamma(), x);
    }

    @Override
    public double value(double x) {
        return SpecialFunctions.logGamma(x);
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(context.gradient().times(Polygamma.of(context.input(0), 0)));
    }
}
