package io.stamp.method.importance;

import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.FilterSums;

/**
 * The Euclidean norm of the filters that make a channel, {@code sqrt(sum w^2)}, of all of them together where several layers share a
 * group: the alternative to {@link L1Norm} that Li et al. compare with ("Pruning Filters for Efficient ConvNets", arXiv 1608.08710).
 */
public final class L2Norm implements Importance {
    @Override
    public String name() {
        return "l2";
    }

    @Override
    public String source() {
        return "Li et al., arXiv 1608.08710";
    }

    @Override
    public String explanation() {
        return "the channels whose filters have the largest Euclidean norm";
    }

    @Override
    public Scores scores(PruningTask task) {
        return Scores.of(task, FilterSums.of(task.groups(), task.model().parameters(), w -> w * w, Math::sqrt));
    }
}
