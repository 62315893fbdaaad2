package io.stamp.meta;

import io.stamp.engine.Tensor;
import java.util.List;

/**
 * A distribution over the gates of one channel group, given by a few raw numbers a channel, {@code raw [k,C]}, as a mask function
 * emits them.
 */
public interface GateDistribution {
    /** The share of channels that a generator keeps before it has learnt anything. */
    double INITIAL_KEPT = 0.68;

    /** Where the random numbers of one sample come from; the next sample takes the next draw. */
    record Noise(long seed, int stream, int draw) {}

    /** The raw numbers of a channel before anything is learnt, one for each row of {@code raw}. */
    List<Double> start();

    /** Gates {@code [C]}, differentiable in {@code raw}. */
    Tensor sample(Tensor raw, Noise noise);

    /** How much of a channel is kept, {@code [C]}, in [0, 1]: the probability E[m], or what stands for it. */
    Tensor expected(Tensor raw);

    /** The Kullback-Leibler divergence from the prior, summed over the channels; a scalar. */
    Tensor divergence(Tensor raw);

    /** Without a budget, channels of which less than this is {@linkplain #expected kept} are dropped. */
    double dropBelow();
}
