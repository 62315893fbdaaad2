package io.stamp.prune;

import io.stamp.engine.StampException;
import io.stamp.engine.random.RandomStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Finds plans, most of them for a budget. A minimum of channels stays in every layer, the best ones by the score at hand. */
public final class PlanSearch {
    /** Stream of the random numbers that choose channels. */
    private static final int STREAM = 0x504C414E;

    private final PlanRules rules;
    private final ChannelGroups groups;
    private final List<ChannelGroup> prunable;
    private final int minimum;

    /** With the usual minimum of channels, {@link PruningPlan#MINIMUM_CHANNELS}. */
    public PlanSearch(ChannelGroups groups) {
        this(groups, PruningPlan.MINIMUM_CHANNELS);
    }

    /**
     * @throws StampException where nothing of the network can be pruned
     */
    public PlanSearch(ChannelGroups groups, int minimum) {
        this.rules = new PlanRules(groups, minimum);
        this.groups = groups;
        this.prunable = rules.prunable;
        this.minimum = minimum;
    }

    /** The share of the full network's cost that the minimum of channels needs: no budget below it can be reached. */
    public double leastShare(Cost.Kind kind) {
        boolean[] units = rules.reserved(new double[groups.units()]);
        return (double) groups.cost().of(units).of(kind) / groups.cost().full().of(kind);
    }

    /**
     * Ranks all channels of all groups together, the highest score first, equal ones by group and then number, and keeps the longest prefix
     * that fits the budget on top of the minimum. Where the next channel is so costly that the prefix leaves more than a twentieth of the
     * budget unused, cheaper ones further down fill it, in the same order: plans for one budget can then be compared.
     *
     * @param scores a score for each channel of every prunable group
     */
    public PruningPlan byScores(Map<String, double[]> scores, Budget budget) {
        return byRanking(rules.scoresByUnit(scores), budget, "scores");
    }

    /**
     * As {@link #byScores}, ranked by a channel's score divided by what its removal from the full network saves, as a share of that
     * network's cost of the budget's kind.
     */
    public PruningPlan byScoresPerCost(Map<String, double[]> scores, Budget budget) {
        double[] byUnit = rules.scoresByUnit(scores);
        UnitCosts costs = new UnitCosts(groups, budget.kind());
        Arrays.setAll(byUnit, unit -> byUnit[unit] * costs.cost() / Math.max(1, costs.saved(costs.sortOf(unit))));
        return byRanking(byUnit, budget, "scores per share of the " + budget.kind());
    }

    private PruningPlan byRanking(double[] byUnit, Budget budget, String what) {
        boolean[] reserved = rules.reserved(byUnit, budget);
        List<Integer> ranking =
                rules.ranking(byUnit).stream().filter(unit -> !reserved[unit]).toList();
        int length = longest(ranking.size(), n -> with(reserved, ranking.subList(0, n)), budget);
        Map<String, String> reasons = new TreeMap<>();
        String bar = length == 0
                ? "the minimum of channels"
                : String.format(Locale.ROOT, "%s of %.6g and above", what, byUnit[ranking.get(length - 1)]);
        prunable.forEach(group -> reasons.put(group.name(), bar));
        boolean[] units = with(reserved, ranking.subList(0, length));
        fill(units, ranking.subList(length, ranking.size()), budget)
                .forEach(group -> reasons.put(group, bar + ", and what fits the rest of the budget"));
        return rules.plan(units, byUnit, reasons, Optional.of(budget));
    }

    /** Adds channels in their order, where they fit, until the budget is used; returns the groups that got some. */
    private Set<String> fill(boolean[] units, List<Integer> ranking, Budget budget) {
        Set<String> filled = new HashSet<>();
        for (int unit : ranking) {
            if (rules.used(units, budget) >= PlanRules.SAME_BUDGET) {
                break;
            }
            units[unit] = true;
            units[unit] = rules.fits(units, budget);
            if (units[unit]) {
                prunable.stream().filter(group -> group.owns(unit)).forEach(group -> filled.add(group.name()));
            }
        }
        return filled;
    }

    /** Keeps the channels whose score is not below a threshold, and the minimum. */
    public PruningPlan byThreshold(Map<String, double[]> scores, double threshold) {
        double[] byUnit = rules.scoresByUnit(scores);
        boolean[] units = rules.reserved(byUnit);
        Map<String, String> reasons = new TreeMap<>();
        for (ChannelGroup group : prunable) {
            for (int unit = group.firstUnit(); unit < group.firstUnit() + group.size(); unit++) {
                units[unit] |= byUnit[unit] >= threshold;
            }
            reasons.put(group.name(), "scores of " + threshold + " and above");
        }
        if (Arrays.equals(units, groups.keepAll())) {
            throw new StampException("The threshold " + threshold
                    + " removes nothing: every channel scores as much or more; use a higher threshold.");
        }
        return rules.plan(units, byUnit, reasons, Optional.empty());
    }

    /** A random score for each channel of every prunable group, uniform in (0, 1). */
    public static Map<String, double[]> randomScores(ChannelGroups groups, long seed) {
        RandomStream random = new RandomStream(seed, STREAM);
        double[] byUnit = new double[groups.units()];
        for (int unit = 0; unit < byUnit.length; unit++) {
            byUnit[unit] = random.nextUniform();
        }
        Map<String, double[]> scores = new TreeMap<>();
        groups.prunable()
                .forEach(group -> scores.put(
                        group.name(), Arrays.copyOfRange(byUnit, group.firstUnit(), group.firstUnit() + group.size())));
        return scores;
    }

    /**
     * Keeps the same fraction of every group; see {@link #byRatios}. The numbers of channels that stay depend on the seed, not on the
     * scores, so that criteria can be compared at the same widths.
     *
     * @param seed of the order in which groups get what is left of the budget
     */
    public PruningPlan byUniformRatio(Map<String, double[]> scores, Budget budget, long seed) {
        return byRatios(scores, Map.of(), budget, seed);
    }

    /**
     * Keeps the best of every group, {@code floor(min(1, scale * weight) * size + 0.5)} channels, with the largest scale that fits the
     * budget. Many groups change at the same scale, so what is left of the budget then goes to one more channel each for as many groups
     * as it suffices for; again where that leaves more than a twentieth of it.
     *
     * @param scores a score for each channel of every prunable group
     * @param weights in (0, 1] by group, 1 for those that are not named
     * @param seed of the order in which groups get what is left
     */
    public PruningPlan byRatios(Map<String, double[]> scores, Map<String, Double> weights, Budget budget, long seed) {
        int[] groupOrder = IntStream.range(0, prunable.size()).toArray();
        new RandomStream(seed, STREAM, groups.units()).shuffle(groupOrder);
        return byRatios(rules.scoresByUnit(scores), weights, groupOrder, budget);
    }

    PruningPlan uniformWidth(Budget budget) {
        double[] order = new double[groups.units()];
        return byRatios(order, Map.of(), IntStream.range(0, prunable.size()).toArray(), budget);
    }

    private PruningPlan byRatios(double[] order, Map<String, Double> weights, int[] groupOrder, Budget budget) {
        boolean[] reserved = rules.reserved(order, budget);
        Map<String, List<Integer>> ranked = rankedGroups(order, reserved);
        int largest = prunable.stream().mapToInt(ChannelGroup::size).max().orElseThrow();
        int steps = 2 * largest;
        double lowest = prunable.stream()
                .mapToDouble(group -> weights.getOrDefault(group.name(), 1.0))
                .min()
                .orElseThrow();
        int step = longest(
                (int) Math.ceil(steps / lowest), n -> atRatios(ranked, reserved, weights, (double) n / steps), budget);
        double scale = (double) step / steps;
        boolean[] units = atRatios(ranked, reserved, weights, scale);
        boolean[] before;
        do {
            before = units.clone();
            for (int number : groupOrder) {
                addOne(ranked.get(prunable.get(number).name()), units, budget);
            }
        } while (!Arrays.equals(before, units) && rules.used(units, budget) < PlanRules.SAME_BUDGET);
        Map<String, String> reasons = new TreeMap<>();
        prunable.forEach(group -> reasons.put(
                group.name(),
                String.format(
                        Locale.ROOT,
                        "%.1f %% of %s",
                        100 * ratio(weights, group.name(), scale),
                        weights.isEmpty() ? "each group" : "this group")));
        return rules.plan(units, order, reasons, Optional.of(budget));
    }

    private static double ratio(Map<String, Double> weights, String group, double scale) {
        return Math.min(1, scale * weights.getOrDefault(group, 1.0));
    }

    /**
     * Keeps as many channels of every group as another plan does, the best by the scores.
     *
     * @param widths channels that stay of every prunable group, by name
     * @param budget that the other plan was made for, if any
     * @param whose widths they are, in words
     */
    public PruningPlan byWidths(
            Map<String, double[]> scores, Map<String, Integer> widths, Optional<Budget> budget, String whose) {
        double[] byUnit = rules.scoresByUnit(scores);
        boolean[] reserved = rules.reserved(byUnit);
        boolean[] units = groups.keepAll();
        Map<String, String> reasons = new TreeMap<>();
        rankedGroups(byUnit, reserved).forEach((group, ranked) -> {
            Integer width = widths.get(group);
            if (width == null || width > ranked.size()) {
                throw new StampException("The group '" + group + "' has " + ranked.size() + " channels and cannot keep "
                        + width + " of them, as " + whose + " asks; the widths must be of the same network.");
            }
            ranked.subList(width, ranked.size()).forEach(unit -> units[unit] = false);
            reasons.put(group, "the widths of " + whose);
        });
        return PruningPlan.of(groups, units, reasons, budget, minimum);
    }

    /** The units of every prunable group, those that stay in any case first, then the highest score first. */
    private Map<String, List<Integer>> rankedGroups(double[] scores, boolean[] reserved) {
        Map<String, List<Integer>> ranked = new HashMap<>();
        List<Integer> ranking = rules.ranking(scores);
        prunable.forEach(group -> ranked.put(
                group.name(),
                ranking.stream()
                        .filter(group::owns)
                        .sorted(Comparator.comparing(unit -> !reserved[unit]))
                        .toList()));
        return ranked;
    }

    private boolean[] atRatios(
            Map<String, List<Integer>> ranked, boolean[] reserved, Map<String, Double> weights, double scale) {
        boolean[] units = reserved.clone();
        ranked.forEach((group, order) -> {
            int count = (int) Math.floor(ratio(weights, group, scale) * order.size() + 0.5);
            order.subList(0, count).forEach(unit -> units[unit] = true);
        });
        return units;
    }

    private void addOne(List<Integer> ranked, boolean[] units, Budget budget) {
        Optional<Integer> next = ranked.stream().filter(unit -> !units[unit]).findFirst();
        if (next.isPresent()) {
            units[next.get()] = true;
            units[next.get()] = rules.fits(units, budget);
        }
    }

    private static boolean[] with(boolean[] units, List<Integer> more) {
        boolean[] all = units.clone();
        more.forEach(unit -> all[unit] = true);
        return all;
    }

    /** The largest n in {@code [0, limit]} whose choice fits, for choices that grow with n; the one for 0 fits. */
    private int longest(int limit, IntFunction<boolean[]> choice, Budget budget) {
        int low = 0;
        int high = limit;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (rules.fits(choice.apply(middle), budget)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
