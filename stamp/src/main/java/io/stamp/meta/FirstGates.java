package io.stamp.meta;

import io.stamp.engine.nn.Parameters;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.FilterSums;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * How likely channels are kept before anything is learnt: in every group the more likely, the larger the absolute weights of the filters
 * that make the channel (the L1 norm of Li et al., arXiv 1608.08710), which is also the order of joint training. It falls with a
 * channel's rank in the same way in every group, so that whatever the budget, all groups are left with about the same share.
 */
final class FirstGates {
    /** The logit of the best channel less that of the worst: those in between are mostly open or mostly shut. */
    private static final double SPAN = 16;

    private FirstGates() {}

    static Map<String, double[]> of(ChannelGroups groups, Parameters parameters) {
        Map<String, double[]> expected = new TreeMap<>();
        FilterSums.of(groups, parameters, Math::abs, DoubleUnaryOperator.identity())
                .forEach((group, norms) -> expected.put(group, byRank(norms)));
        return expected;
    }

    private static double[] byRank(double[] norms) {
        List<Integer> ranked = IntStream.range(0, norms.length)
                .boxed()
                .sorted(Comparator.comparingDouble(channel -> -norms[channel]))
                .toList();
        double[] expected = new double[norms.length];
        for (int rank = 0; rank < norms.length; rank++) {
            double logit = SPAN * (0.5 - (rank + 0.5) / norms.length);
            expected[ranked.get(rank)] = 1 / (1 + Math.exp(-logit));
        }
        return expected;
    }
}
