package io.stamp.meta;

import io.stamp.engine.Tensor;

/**
 * A distribution over the gates of one channel group, given by two raw numbers a channel, {@code raw [2,C]}, as a mask function
 * emits them.
 */
public interface GateDistribution {
    /** Where the random numbers of one sample come from; the next sample takes the next draw. */
    record Noise(long seed, int stream, int draw) {}

    /** Relaxed gates in (0, 1), {@code [C]}, differentiable in {@code raw}. */
    Tensor sample(Tensor raw, Noise noise);

    /** The probability that a channel is kept, {@code E[m] [C]}. */
    Tensor expected(Tensor raw);

    /** The Kullback-Leibler divergence from the prior, summed over the channels; a scalar. */
    Tensor divergence(Tensor raw);
}
