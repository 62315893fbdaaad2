package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.List;

/** {@code scale * x + shift}, with constants. */
public record Affine(double scale, double shift) implements UnaryOp {
    public static Tensor of(Tensor x, double scale, double shift) {
        return Tensor.apply(new Affine(scale, shift), x);
    }

    @Override
    public double value(double x) {
        return scale * x + shift;
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of(context.gradient().times(scale));
    }
}
