package io.stamp.meta;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.Log;
import io.stamp.engine.op.Log1mExp;
import io.stamp.engine.op.LogBeta;
import io.stamp.engine.op.Polygamma;
import io.stamp.engine.op.Sigmoid;
import io.stamp.engine.op.Slice;
import io.stamp.engine.op.Softplus;
import java.util.List;

/**
 * Beta-Bernoulli gates (Lee et al., "Adaptive Network Sparsification with Dependent Variational Beta-Bernoulli Dropout", arXiv
 * 1805.10896): prior {@code pi ~ Beta(alpha, 1)}, posterior Kumaraswamy(a, b), relaxed gate of temperature tau. Sampled in logarithms,
 * since the powers overflow float32.
 *
 * @param alpha the prior's first parameter; small means "expect few channels"
 * @param temperature of the relaxed gate
 */
public record BetaBernoulli(double alpha, double temperature) implements GateDistribution {
    public static final BetaBernoulli DEFAULT = new BetaBernoulli(1e-4, 0.1);

    private static final double EULER_GAMMA = 0.57721566490153286;
    private static final double LOG_A_BOUND = 10;
    private static final double LEAST_RAW_B = -10;
    private static final double LARGEST_RAW_B = 50;
    private static final double LOGIT_BOUND = 30;
    /** Closer to 0 the logit of pi would be infinite and its gradient undefined. */
    private static final double LARGEST_LOG_PI = -1e-12;

    /** The raw numbers are ln a and what softplus makes b of; this one makes b = 1. */
    private static final double RAW_B = 0.5413;

    /** Beyond, gates are steps or constants as far as float32 can tell. */
    private static final double LOWEST_TEMPERATURE = 1e-3;

    private static final double HIGHEST_TEMPERATURE = 1e3;

    public BetaBernoulli {
        if (!(alpha > 0 && alpha <= 1)) {
            throw new StampException(
                    "The prior parameter alpha of Beta-Bernoulli gates lies in (0, 1], not at " + alpha + ".");
        }
        requireTemperature(temperature);
    }

    static void requireTemperature(double temperature) {
        if (!(temperature >= LOWEST_TEMPERATURE && temperature <= HIGHEST_TEMPERATURE)) {
            throw new StampException("The temperature of gates lies between " + LOWEST_TEMPERATURE + " and "
                    + HIGHEST_TEMPERATURE + ", not at " + temperature + ".");
        }
    }

    private static Tensor row(Tensor raw, int row, double least, double most) {
        return Clip.of(Slice.of(raw, 0, row, row + 1), least, most)
                .reshape(raw.shape().dim(1));
    }

    static Tensor a(Tensor raw) {
        return Exp.of(row(raw, 0, -LOG_A_BOUND, LOG_A_BOUND));
    }

    static Tensor b(Tensor raw) {
        return Softplus.of(row(raw, 1, LEAST_RAW_B, LARGEST_RAW_B));
    }

    /** With b = 1, where {@code E[pi] = a / (1 + a)}. */
    @Override
    public List<Double> start(double expected) {
        return List.of(Math.log(expected / (1 - expected)), RAW_B);
    }

    /** By ln a, which is the logit of E[pi] where b = 1. */
    @Override
    public Tensor shifted(Tensor raw, Tensor shift) {
        int channels = raw.shape().dim(1);
        return Concat.of(0, Slice.of(raw, 0, 0, 1).plus(shift).reshape(1, channels), Slice.of(raw, 0, 1, 2));
    }

    @Override
    public double dropBelow() {
        return 1e-3;
    }

    /** Relaxed gates in (0, 1). */
    @Override
    public Tensor sample(Tensor raw, Noise noise) {
        int channels = raw.shape().dim(1);
        Tensor uniforms = noise.uniform(raw.backend(), Shape.of(2, channels));
        Tensor u = Slice.of(uniforms, 0, 0, 1).reshape(channels);
        Tensor v = Slice.of(uniforms, 0, 1, 2).reshape(channels);
        Tensor logPi = Clip.of(Log1mExp.of(Log.of(u).over(b(raw))).over(a(raw)), -Float.MAX_VALUE, LARGEST_LOG_PI);
        Tensor logit = Clip.of(logPi.minus(Log1mExp.of(logPi)), -LOGIT_BOUND, LOGIT_BOUND);
        Tensor logistic = Log.of(v).minus(Log.of(Affine.of(v, -1, 1)));
        return Sigmoid.of(logit.plus(logistic).times(1 / temperature));
    }

    /** {@code E[pi] = b * B(1 + 1/a, b)}. */
    @Override
    public Tensor expected(Tensor raw) {
        Tensor b = b(raw);
        return Exp.of(Log.of(b).plus(LogBeta.of(a(raw).power(-1).plus(1), b, 0, 0)));
    }

    /** Lee et al., eq. 11, with the expectation over the Kumaraswamy posterior in closed form. */
    @Override
    public Tensor divergence(Tensor raw) {
        Tensor a = a(raw);
        Tensor b = b(raw);
        Tensor inverseB = b.power(-1);
        Tensor expectation = Polygamma.of(b, 0).plus(inverseB).plus(EULER_GAMMA).times(-1);
        Tensor weight = Affine.of(a.power(-1), -alpha, 1);
        Tensor entropy = Log.of(a.times(b)).plus(inverseB);
        return weight.times(expectation).plus(entropy).sum().plus(-raw.shape().dim(1) * (Math.log(alpha) + 1));
    }
}
