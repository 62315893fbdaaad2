package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code x^exponent} with a constant exponent, for x > 0 or an integer exponent; powers of 1/2 and -1/2 are evaluated as roots. */
public record Power(double exponent) implements UnaryOp {
    public static Tensor of(Tensor x, double exponent) {
        return Tensor.apply(new Power(exponent), x);
    }

    @Override
    public double value(double x) {
        return exponent == -1
                ? 1 / x
                : exponent == 0.5 ? Math.sqrt(x) : exponent == -0.5 ? 1 / Math.sqrt(x) : Math.pow(x, exponent);
    }

    @Override
    public List<Tensor> backward(Backward context) {
        if (exponent == 0) {
            // x^-1 times 0 would be NaN at 0, where squares differentiated three times end up.
            return List.of(Tensor.filled(context.gradient().backend(), context.inputShape(0), 0));
        }
        return List.of(
                context.gradient().times(context.input(0).power(exponent - 1).times(exponent)));
    }
}
