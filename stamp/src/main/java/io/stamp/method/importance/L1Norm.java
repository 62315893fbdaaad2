package io.stamp.method.importance;

import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.FilterSums;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The sum of the absolute weights of the filters that make a channel (Li et al., "Pruning Filters for Efficient ConvNets", arXiv
 * 1608.08710, section 3.1); of all of them where several layers share a group. Filters of one layer are comparable, those of different
 * layers are of different sizes: the paper ranks within a layer.
 */
public final class L1Norm implements Importance {
    @Override
    public String name() {
        return "l1";
    }

    @Override
    public String source() {
        return "Li et al., arXiv 1608.08710";
    }

    @Override
    public String explanation() {
        return "the channels whose filters have the largest absolute weights";
    }

    @Override
    public Scores scores(PruningTask task) {
        return Scores.of(task, scores(task.model(), task.groups()));
    }

    /** The norms by prunable group. */
    public static Map<String, double[]> scores(Model model, ChannelGroups groups) {
        return FilterSums.of(groups, model.parameters(), Math::abs, DoubleUnaryOperator.identity());
    }
}
