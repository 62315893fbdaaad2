package io.stamp.method.importance;

import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;

/**
 * The magnitude of a channel's batch-norm scale, {@code |gamma|}, as the backbone has it: the criterion of network slimming (Liu et al.,
 * arXiv 1708.06519, section 3) without its training. Where a channel passes several batch-norms, the mean of their magnitudes.
 *
 * @see Slimming
 */
public final class BatchNormScale implements Importance {
    @Override
    public String name() {
        return "bn-scale";
    }

    @Override
    public String source() {
        return "after Liu et al., arXiv 1708.06519";
    }

    @Override
    public String explanation() {
        return "the channels with the largest batch-norm scales";
    }

    @Override
    public String allocation() {
        return "global";
    }

    @Override
    public Scores scores(PruningTask task) {
        return Scores.of(task, BatchNormScales.magnitudes(task, task.model().parameters()));
    }
}
