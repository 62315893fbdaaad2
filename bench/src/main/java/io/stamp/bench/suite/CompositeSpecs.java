package io.stamp.bench.suite;

import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.Moments;
import io.stamp.engine.op.Power;
import java.util.List;

/** Compositions of ops, where saved values, broadcasting and moments meet; tested like ops. */
public final class CompositeSpecs {
    private static OpSpec spec(Class<? extends Op> type, String name, OpSpec.Builder builder, String shapes) {
        return OpSpec.of(type, name, builder, shapes).within(1e-5);
    }

    private CompositeSpecs() {}

    public static List<OpSpec.Case> cases() {
        return List.of(
                        spec(
                                Conv2d.class,
                                "two convolutions, batch norm, relu, pooling, cross-entropy",
                                (b, t) -> network(t),
                                "4,6,6,3;5,3,3,3;5;5;7,3,3,5;7;7;3,7;3"),
                        spec(
                                LogSoftmax.class,
                                "softmax cross-entropy",
                                (b, t) -> Layers.crossEntropy(t[0], oneHot(t[0])),
                                "5,7"),
                        spec(
                                MatMul.class,
                                "attention",
                                (b, t) -> Layers.attention(t[0], t[1], t[2]),
                                "2,3,5;2,7,5;2,7,4"),
                        spec(
                                Power.class,
                                "layer norm",
                                (b, t) -> Layers.layerNorm(t[0], t[1], t[2], 1e-5),
                                "2,3,13;13;13"))
                .stream()
                .map(spec -> new OpSpec.Case(spec, spec.cases().getFirst()))
                .toList();
    }

    private static Tensor oneHot(Tensor logits) {
        Shape shape = logits.shape();
        double[] values = new double[shape.length()];
        for (int row = 0; row < shape.dim(0); row++) {
            values[row * shape.dim(1) + row % shape.dim(1)] = 1;
        }
        return Tensor.of(logits.backend(), shape, values);
    }

    private static Tensor block(Tensor x, Tensor weight, Tensor scale, Tensor shift, int stride) {
        Tensor y = Conv2d.of(x, weight, stride, 1, 1);
        return BatchNorm.byBatch(y, scale, shift, Moments.of(y.detach()), 1e-5, true);
    }

    private static Tensor network(Tensor... t) {
        Tensor x = block(block(t[0], t[1], t[2], t[3], 1), t[4], t[5], t[6], 2);
        Tensor pooled = x.mean(1, 2).reshape(x.shape().dim(0), x.shape().dim(3));
        Tensor logits = Layers.linear(pooled, t[7], t[8]);
        return Layers.crossEntropy(logits, oneHot(logits));
    }
}
