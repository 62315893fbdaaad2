package io.stamp.engine.nn;

import io.stamp.engine.Tensor;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.op.MatMul;

/** Layers and losses that are nothing but a composition of ops. */
public final class Layers {
    private Layers() {}

    /** {@code x * weight^T + bias}: {@code [N,I], [O,I], [O] -> [N,O]}. */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        return MatMul.of(x, weight, false, true).plus(bias);
    }

    /** Layer normalisation over the last axis (Ba et al., arXiv 1607.06450), with scale and shift {@code [C]}. */
    public static Tensor layerNorm(Tensor x, Tensor scale, Tensor shift, double epsilon) {
        Tensor centred = x.minus(x.mean(-1));
        Tensor variance = centred.times(centred).mean(-1);
        return centred.times(variance.plus(epsilon).power(-0.5)).times(scale).plus(shift);
    }

    public static Tensor softmax(Tensor x) {
        return Exp.of(LogSoftmax.of(x));
    }

    /**
     * Scaled dot-product attention (Vaswani et al., arXiv 1706.03762, eq. 1): queries {@code [B,Q,D]}, keys {@code [B,K,D]}, values
     * {@code [B,K,V]}, result {@code [B,Q,V]}.
     */
    public static Tensor attention(Tensor queries, Tensor keys, Tensor values) {
        Tensor scores = MatMul.of(queries, keys, false, true)
                .times(1 / Math.sqrt(queries.shape().dim(-1)));
        return softmax(scores).matmul(values);
    }

    /** Mean cross-entropy between logits {@code [N,K]} and one-hot labels {@code [N,K]}; a scalar. */
    public static Tensor crossEntropy(Tensor logits, Tensor oneHot) {
        return LogSoftmax.of(logits)
                .times(oneHot)
                .sum()
                .times(-1.0 / logits.shape().dim(0));
    }

    /**
     * How far {@code logits} are from what another network says, both {@code [N,K]} and softened by a temperature T: the mean over N of
     * T^2 KL(softmax(taught / T) || softmax(logits / T)), a scalar (Hinton et al., arXiv 1503.02531, section 2). The factor T^2 keeps the
     * gradient's size the same whatever T is, and the divergence has the gradient of the cross-entropy that the paper states.
     */
    public static Tensor distillation(Tensor logits, Tensor taught, double temperature) {
        Tensor expected = LogSoftmax.of(taught.times(1 / temperature));
        Tensor actual = LogSoftmax.of(logits.times(1 / temperature));
        return Exp.of(expected)
                .times(expected.minus(actual))
                .sum()
                .times(temperature * temperature / logits.shape().dim(0));
    }
}
