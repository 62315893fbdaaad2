package io.stamp.meta;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.random.DrawCounter;
import io.stamp.engine.random.RandomStream;
import java.util.List;
import java.util.Optional;

/**
 * A distribution over the gates of one channel group, given by a few raw numbers a channel, {@code raw [k,C]}, as a mask function
 * emits them.
 */
public interface GateDistribution {
    /** The share of channels that a generator keeps before it has learnt anything. */
    double INITIAL_KEPT = 0.68;

    /**
     * Where the random numbers of one sample come from; the next sample takes the next draw.
     *
     * @param counter added to {@code draw} where the sample is taken in a recorded step, which is to draw anew at each run
     */
    record Noise(long seed, int stream, int draw, Optional<DrawCounter> counter) {
        public Noise(long seed, int stream, int draw) {
            this(seed, stream, draw, Optional.empty());
        }

        /** Uniform numbers in (0, 1). */
        Tensor uniform(Backend backend, Shape shape) {
            return counter.map(counted -> Uniform.of(counted, shape, seed, stream, draw))
                    .orElseGet(() -> Uniform.of(backend, shape, seed, stream, draw));
        }

        /** Numbers for what a backend cannot draw by itself. */
        RandomStream onHost() {
            if (counter.isPresent()) {
                throw new StampException(
                        "These gates draw their random numbers on the host, so they cannot be sampled in a"
                                + " recorded step; use Beta-Bernoulli or concrete gates, or run the step eagerly.");
            }
            return new RandomStream(seed, stream, (long) draw << 32);
        }
    }

    /** The raw numbers of a channel that is {@linkplain #expected kept} so far before anything is learnt, one for each row of {@code raw}. */
    List<Double> start(double expected);

    /**
     * The same gates, all of them more or less likely: adds a number to the logit of what is {@linkplain #expected kept} of each
     * channel, or nearly so.
     *
     * @param shift a scalar; differentiable in both
     */
    Tensor shifted(Tensor raw, Tensor shift);

    /** Gates {@code [C]}, differentiable in {@code raw}. */
    Tensor sample(Tensor raw, Noise noise);

    /** How much of a channel is kept, {@code [C]}, in [0, 1]: the probability E[m], or what stands for it. */
    Tensor expected(Tensor raw);

    /** The Kullback-Leibler divergence from the prior, summed over the channels; a scalar. */
    Tensor divergence(Tensor raw);

    /** Without a budget, channels of which less than this is {@linkplain #expected kept} are dropped. */
    double dropBelow();
}
