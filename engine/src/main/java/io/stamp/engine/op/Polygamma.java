package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import io.stamp.engine.math.SpecialFunctions;
import java.util.List;

/** The derivative of order {@code order + 1} of ln Gamma, for x > 0: order 0 is digamma, order 1 trigamma (DLMF 5.15). */
public record Polygamma(int order) implements UnaryOp {
    public static Tensor of(Tensor x, int order) {
        return Tensor.apply(new Polygamma(order), x);
    }

    @Override
    public double value(double x) {
        return SpecialFunctions.polygamma(order, x);
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(context.gradient().times(of(context.input(0), order + 1)));
    }
}
