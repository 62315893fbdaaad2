package io.stamp.meta;

import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.Log;
import io.stamp.engine.op.Sigmoid;
import io.stamp.engine.op.Slice;
import io.stamp.engine.op.Softplus;
import io.stamp.engine.random.RandomStream;
import java.util.List;

/**
 * Gaussian gates {@code mu + sigma * N(0, 1)} under the variational information bottleneck of VIBNet (Dai et al., arXiv 1802.10399):
 * raw numbers mu and {@code ln sigma^2}. Instead of a probability a channel has the share of its gate's second moment that is signal,
 * {@code mu^2 / (mu^2 + sigma^2)}. For a Bernoulli gate that share is the probability; below one half VIBNet drops a channel.
 */
public record GaussianGates() implements GateDistribution {
    private static final double MU_BOUND = 10;
    private static final double LOG_VARIANCE_BOUND = 20;
    /** Keeps the logarithm of {@code mu^2} and its derivative finite at mu = 0. */
    private static final double EPSILON = 1e-8;

    @Override
    public List<Double> start(double expected) {
        return List.of(1.0, Math.log((1 - expected) / expected));
    }

    /** By their variance. */
    @Override
    public Tensor shifted(Tensor raw, Tensor shift) {
        int channels = raw.shape().dim(1);
        return Concat.of(
                0, Slice.of(raw, 0, 0, 1), Slice.of(raw, 0, 1, 2).minus(shift).reshape(1, channels));
    }

    /** Where {@code ln sigma^2 - ln mu^2 = 0}. */
    @Override
    public double dropBelow() {
        return 0.5;
    }

    private static Tensor row(Tensor raw, int row, double bound) {
        return Clip.of(Slice.of(raw, 0, row, row + 1), -bound, bound)
                .reshape(raw.shape().dim(1));
    }

    /** The mean of each gate, mu. */
    public static Tensor mu(Tensor raw) {
        return row(raw, 0, MU_BOUND);
    }

    private static Tensor logVariance(Tensor raw) {
        return row(raw, 1, LOG_VARIANCE_BOUND);
    }

    /** {@code ln(mu^2 / sigma^2)}. */
    public static Tensor logRatio(Tensor raw) {
        Tensor mu = mu(raw);
        return Log.of(mu.times(mu).plus(EPSILON)).minus(logVariance(raw));
    }

    /** Gates on the whole real line. */
    @Override
    public Tensor sample(Tensor raw, Noise noise) {
        Tensor deviation = Exp.of(logVariance(raw).times(0.5));
        return mu(raw).plus(deviation.times(normal(raw, noise)));
    }

    private static Tensor normal(Tensor raw, Noise noise) {
        RandomStream random = noise.onHost();
        double[] values = new double[raw.shape().dim(1)];
        for (int c = 0; c < values.length; c++) {
            values[c] = random.nextGaussian();
        }
        return Tensor.of(raw.backend(), Shape.of(values.length), values);
    }

    @Override
    public Tensor expected(Tensor raw) {
        return Sigmoid.of(logRatio(raw));
    }

    /** {@code 0.5 sum ln(1 + mu^2 / sigma^2)}. */
    @Override
    public Tensor divergence(Tensor raw) {
        return Softplus.of(logRatio(raw)).sum().times(0.5);
    }
}
