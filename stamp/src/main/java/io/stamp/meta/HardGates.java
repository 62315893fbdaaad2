package io.stamp.meta;

import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws masks that are what masks are in the end: binary, and of the budget. Every channel's chance, as a logit, gets logistic noise, so
 * that by itself each would be open with that chance; of all channels those that rank highest then stay, as many as fit. The gradient is
 * taken as if a gate were its expectation (the straight-through estimator of Bengio et al., arXiv 1308.3432).
 */
final class HardGates {
    /** Keeps logits finite. */
    private static final double LEAST_CHANCE = 1e-9;

    private final PlanSearch search;
    private final Cost.Kind kind;
    private final double least;

    HardGates(ChannelGroups groups, Cost.Kind kind) {
        this.search = new PlanSearch(groups);
        this.kind = kind;
        this.least = search.leastShare(kind);
    }

    /**
     * Gates 0 and 1 of each group, differentiable in what is expected of them.
     *
     * @param expected {@code [C]} by group
     * @param budget fraction that the mask may cost; where nothing fits it, a mask has the minimum of channels
     */
    Map<String, Tensor> of(Map<String, Tensor> expected, double budget, RandomStream random) {
        Map<String, double[]> scores = new LinkedHashMap<>();
        expected.forEach((group, chances) -> scores.put(
                group,
                Arrays.stream(chances.doubles())
                        .map(chance -> logit(chance) + logit(random.nextUniform()))
                        .toArray()));
        PruningPlan plan = search.byScores(scores, new Budget(kind, Math.max(least, budget)));
        Map<String, Tensor> gates = new LinkedHashMap<>();
        expected.forEach((group, chances) -> {
            Tensor drawn = MaskedModel.indicator(chances.backend(), plan, group);
            gates.put(group, chances.plus(drawn.minus(chances.detach())));
        });
        return gates;
    }

    private static double logit(double chance) {
        double inside = Math.clamp(chance, LEAST_CHANCE, 1 - LEAST_CHANCE);
        return Math.log(inside / (1 - inside));
    }
}
