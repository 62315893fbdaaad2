package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** {@code x + y}, broadcasting. */
public record Add() implements BinaryOp {
    public static Tensor of(Tensor x, Tensor y) {
        return Tensor.apply(new Add(), x, y);
    }

    @Override
    public double value(double x, double y) {
        return x + y;
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        Tensor gradient = context.gradient();
        return Arrays.asList(
                context.when(0, () -> BinaryOp.unbroadcast(gradient, context.inputShape(0))),
                context.when(1, () -> BinaryOp.unbroadcast(gradient, context.inputShape(1))));
    }
}
