package io.stamp.prune;

import io.stamp.engine.StampException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What all searches for plans share: the order of channels, the minimum that stays, and what fits a budget. */
final class PlanRules {
    /** A plan that uses at least this much of a budget counts as one for it. */
    static final double SAME_BUDGET = 0.95;

    final ChannelGroups groups;
    final List<ChannelGroup> prunable;
    final int minimum;

    /**
     * @throws StampException where nothing of the network can be pruned
     */
    PlanRules(ChannelGroups groups, int minimum) {
        if (minimum < 1) {
            throw new StampException(
                    "Every layer must keep at least one channel; a minimum of " + minimum + " is too small.");
        }
        this.groups = groups;
        this.prunable = groups.prunable();
        this.minimum = minimum;
        if (prunable.isEmpty()) {
            throw new StampException(
                    "Nothing of the network '" + groups.network().model() + "' can be pruned:\n" + groups.explain());
        }
    }

    /** The scores of all units in their order; every prunable group needs as many as it has channels. */
    double[] scoresByUnit(Map<String, double[]> scores) {
        scores.keySet().forEach(groups::get);
        double[] byUnit = new double[groups.units()];
        for (ChannelGroup group : prunable) {
            double[] own = scores.get(group.name());
            if (own == null || own.length != group.size()) {
                throw new StampException("The group '" + group.name() + "' has " + group.size() + " channels but "
                        + (own == null ? "no" : own.length) + " scores.");
            }
            for (int k = 0; k < own.length; k++) {
                if (Double.isNaN(own[k])) {
                    throw new StampException("The score of channel " + k + " in the group '" + group.name()
                            + "' is not a number, so the channels cannot be ranked.");
                }
                byUnit[group.firstUnit() + k] = own[k];
            }
        }
        return byUnit;
    }

    /** The prunable units, the highest score first; units are numbered by group and channel, which settles ties. */
    List<Integer> ranking(double[] scores) {
        return prunable.stream()
                .flatMap(group -> IntStream.range(group.firstUnit(), group.firstUnit() + group.size())
                        .boxed())
                .sorted(Comparator.comparing((Integer unit) -> -scores[unit]).thenComparing(unit -> unit))
                .toList();
    }

    /** What stays in any case: whatever is not prunable, and the best few channels of every layer. */
    boolean[] reserved(double[] scores) {
        boolean[] units = groups.keepAll();
        List<Integer> ranking = ranking(scores);
        ranking.forEach(unit -> units[unit] = false);
        for (ChannelGroup group : prunable) {
            for (LayerAxis producer : group.producers()) {
                Set<Integer> own = IntStream.of(producer.units()).boxed().collect(Collectors.toSet());
                ranking.stream().filter(own::contains).limit(minimum).forEach(unit -> units[unit] = true);
            }
        }
        return units;
    }

    /** As above, and an error where not even that fits the budget. */
    boolean[] reserved(double[] scores, Budget budget) {
        boolean[] units = reserved(scores);
        if (!fits(units, budget)) {
            Cost full = groups.cost().full();
            throw new StampException(String.format(
                    Locale.ROOT,
                    "The budget %s cannot be reached: with %d channels in every layer that can be pruned, %.4f of the %s are left; "
                            + "ask for more, or use the groups inner+stage where they are inner alone.",
                    budget,
                    minimum,
                    (double) groups.cost().of(units).of(budget.kind()) / full.of(budget.kind()),
                    budget.kind()));
        }
        return units;
    }

    /**
     * The plan that a search ends with: its choice, with widths as {@link Rounding} wants them.
     *
     * @param scores of all units, by which channels come and go where a width is rounded
     */
    PruningPlan plan(boolean[] chosen, double[] scores, Map<String, String> reasons, Optional<Budget> budget) {
        boolean[] units =
                groups.rounding() == Rounding.NONE ? chosen : new RoundedWidths(this, scores, chosen, budget).units();
        Map<String, String> all = new TreeMap<>(reasons);
        for (ChannelGroup group : prunable) {
            long before = width(group, chosen);
            if (width(group, units) != before) {
                all.computeIfPresent(
                        group.name(),
                        (_, reason) -> reason + "; " + before + " before rounding (" + groups.rounding() + ")");
            }
        }
        return PruningPlan.of(groups, units, all, budget, minimum);
    }

    private static long width(ChannelGroup group, boolean[] units) {
        return IntStream.range(group.firstUnit(), group.firstUnit() + group.size())
                .filter(unit -> units[unit])
                .count();
    }

    boolean fits(boolean[] units, Budget budget) {
        return budget.allows(groups.cost().of(units), groups.cost().full());
    }

    double used(boolean[] units, Budget budget) {
        return budget.used(groups.cost().of(units), groups.cost().full());
    }
}
