package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import io.stamp.engine.math.SpecialFunctions;
import java.util.Arrays;
import java.util.List;

/**
 * The partial derivative of order (i, j) of ln B(x, y), for x, y > 0; order (0, 0) is ln B itself. Evaluated in float64 on every
 * backend, since differences of digammas cancel in float32 (DLMF 5.12, 5.15).
 */
public record LogBeta(int i, int j) implements BinaryOp {
    public static Tensor of(Tensor x, Tensor y, int i, int j) {
        return Tensor.apply(new LogBeta(i, j), x, y);
    }

    @Override
    public double value(double x, double y) {
        return SpecialFunctions.logBetaDerivative(i, j, x, y);
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor gradient = context.gradient();
        Tensor x = context.input(0);
        Tensor y = context.input(1);
        return Arrays.asList(
                context.when(0, () -> BinaryOp.unbroadcast(gradient.times(of(x, y, i + 1, j)), x.shape())),
                context.when(1, () -> BinaryOp.unbroadcast(gradient.times(of(x, y, i, j + 1)), y.shape())));
    }
}
