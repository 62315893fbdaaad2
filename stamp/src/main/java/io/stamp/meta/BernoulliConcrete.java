package io.stamp.meta;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Log;
import io.stamp.engine.op.Sigmoid;
import io.stamp.engine.op.Softplus;
import java.util.List;

/**
 * Bernoulli gates with a probability of their own for each channel, relaxed to the binary concrete distribution (Maddison et al., arXiv
 * 1611.00712); the one raw number is the logit of the probability.
 *
 * @param prior rho, the probability of the prior {@code Bern(rho)}
 * @param temperature of the relaxed gate
 */
public record BernoulliConcrete(double prior, double temperature) implements GateDistribution {
    public static final BernoulliConcrete DEFAULT = new BernoulliConcrete(0.1, 0.1);

    private static final double LOGIT_BOUND = 30;

    public BernoulliConcrete {
        if (!(prior > 0 && prior < 1)) {
            throw new StampException("The prior of concrete gates lies in (0, 1), not at " + prior + ".");
        }
        BetaBernoulli.requireTemperature(temperature);
    }

    private static Tensor logit(Tensor raw) {
        return Clip.of(raw.reshape(raw.shape().dim(1)), -LOGIT_BOUND, LOGIT_BOUND);
    }

    @Override
    public List<Double> start(double expected) {
        return List.of(Math.log(expected / (1 - expected)));
    }

    @Override
    public Tensor shifted(Tensor raw, Tensor shift) {
        return raw.plus(shift);
    }

    /** More likely off than on. */
    @Override
    public double dropBelow() {
        return 0.5;
    }

    /** Relaxed gates in (0, 1). */
    @Override
    public Tensor sample(Tensor raw, Noise noise) {
        Shape shape = Shape.of(raw.shape().dim(1));
        Tensor uniform = noise.uniform(raw.backend(), shape);
        Tensor logistic = Log.of(uniform).minus(Log.of(Affine.of(uniform, -1, 1)));
        return Sigmoid.of(logit(raw).plus(logistic).times(1 / temperature));
    }

    @Override
    public Tensor expected(Tensor raw) {
        return Sigmoid.of(logit(raw));
    }

    /** {@code p ln(p / rho) + (1 - p) ln((1 - p) / (1 - rho))} with {@code ln p = -softplus(-logit)}. */
    @Override
    public Tensor divergence(Tensor raw) {
        Tensor logit = logit(raw);
        Tensor on = Sigmoid.of(logit);
        Tensor off = Sigmoid.of(logit.times(-1));
        Tensor ifOn = Softplus.of(logit.times(-1)).plus(Math.log(prior));
        Tensor ifOff = Softplus.of(logit).plus(Math.log1p(-prior));
        return on.times(ifOn).plus(off.times(ifOff)).sum().times(-1);
    }
}
