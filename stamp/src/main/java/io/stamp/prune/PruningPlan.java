package io.stamp.prune;

import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Which channels stay, why, and what the result will cost. A plan changes no model; {@link Compaction} applies it. */
public final class PruningPlan {
    /** Channels that a layer keeps at least, unless told otherwise; all of them where it has fewer. */
    public static final int MINIMUM_CHANNELS = 2;

    private final ChannelGroups groups;
    private final boolean[] units;
    private final SortedMap<String, List<Integer>> kept;
    private final Map<String, String> reasons;
    private final Optional<Budget> budget;
    private final Cost full;
    private final Cost achieved;

    private PruningPlan(
            ChannelGroups groups,
            boolean[] units,
            SortedMap<String, List<Integer>> kept,
            Map<String, String> reasons,
            Optional<Budget> budget) {
        this.groups = groups;
        this.units = units.clone();
        this.kept = Collections.unmodifiableSortedMap(new TreeMap<>(kept));
        this.reasons = Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
        this.budget = budget;
        this.full = groups.cost().full();
        this.achieved = groups.cost().of(units);
    }

    /** A plan with the channels that are given; groups that are not named keep all. */
    public static PruningPlan of(ChannelGroups groups, Map<String, ? extends List<Integer>> kept) {
        return of(groups, kept, MINIMUM_CHANNELS);
    }

    /**
     * A plan with the channels that are given; groups that are not named keep all.
     *
     * @param minimum channels that every layer has to keep
     * @throws StampException if nothing is removed, a layer would keep too few, or a channel does not exist or must stay
     */
    public static PruningPlan of(ChannelGroups groups, Map<String, ? extends List<Integer>> kept, int minimum) {
        boolean[] units = groups.keepAll();
        Map<String, String> reasons = new TreeMap<>();
        kept.forEach((name, channels) -> {
            choose(groups.get(name), channels, units);
            reasons.put(name, "chosen by hand");
        });
        return of(groups, units, reasons, Optional.empty(), minimum);
    }

    private static void choose(ChannelGroup group, List<Integer> channels, boolean[] units) {
        if (!group.prunable()) {
            throw new StampException("The group '" + group.name() + "' cannot be pruned: "
                    + group.obstacle().orElseThrow() + ".");
        }
        for (int k = 0; k < group.size(); k++) {
            units[group.firstUnit() + k] = false;
        }
        for (int channel : channels) {
            if (channel < 0 || channel >= group.size()) {
                throw new StampException("The group '" + group.name() + "' has " + group.size()
                        + " channels; a plan cannot keep channel " + channel + ".");
            }
            units[group.firstUnit() + channel] = true;
        }
    }

    static PruningPlan of(
            ChannelGroups groups, boolean[] units, Map<String, String> reasons, Optional<Budget> budget, int minimum) {
        SortedMap<String, List<Integer>> kept = new TreeMap<>();
        int removed = 0;
        for (ChannelGroup group : groups.prunable()) {
            requireMinimum(group, units, minimum);
            List<Integer> channels = IntStream.range(0, group.size())
                    .filter(k -> units[group.firstUnit() + k])
                    .boxed()
                    .toList();
            kept.put(group.name(), channels);
            removed += group.size() - channels.size();
        }
        if (removed == 0) {
            throw new StampException("The plan removes nothing"
                    + budget.map(b -> ": the network fits the budget " + b + " as it is")
                            .orElse("")
                    + "; ask for a smaller network.");
        }
        return new PruningPlan(groups, units, kept, reasons, budget);
    }

    private static void requireMinimum(ChannelGroup group, boolean[] units, int minimum) {
        for (LayerAxis producer : group.producers()) {
            long all = IntStream.of(producer.units()).distinct().count();
            long left = IntStream.of(producer.units())
                    .distinct()
                    .filter(unit -> units[unit])
                    .count();
            if (left < Math.min(Math.max(minimum, 1), all)) {
                throw new StampException("The plan leaves " + left + " of " + all + " channels in the layer '"
                        + producer.layer() + "' of the group '" + group.name() + "'; at least "
                        + Math.min(Math.max(minimum, 1), all) + " must stay.");
            }
        }
    }

    /** See {@link PlanSearch#byScores}. */
    public static PruningPlan byScores(
            ChannelGroups groups, Map<String, double[]> scores, Budget budget, int minimumChannels) {
        return new PlanSearch(groups, minimumChannels).byScores(scores, budget);
    }

    /** See {@link PlanSearch#byThreshold}. */
    public static PruningPlan byThreshold(
            ChannelGroups groups, Map<String, double[]> scores, double threshold, int minimumChannels) {
        return new PlanSearch(groups, minimumChannels).byThreshold(scores, threshold);
    }

    /** One keep ratio for all groups, random channels in each; see {@link PlanSearch#byUniformRatio}. */
    public static PruningPlan uniformRandom(ChannelGroups groups, Budget budget, long seed) {
        return new PlanSearch(groups).byUniformRatio(PlanSearch.randomScores(groups, seed), budget, seed);
    }

    /** One keep ratio for all groups, the first channels of each. */
    public static PruningPlan uniformWidth(ChannelGroups groups, Budget budget) {
        return new PlanSearch(groups).uniformWidth(budget);
    }

    /** The groups it is about. */
    public ChannelGroups groups() {
        return groups;
    }

    /** For every prunable group the numbers of the channels that stay, ascending, counted from 0 within the group. */
    public SortedMap<String, List<Integer>> kept() {
        return kept;
    }

    /** How many channels of every prunable group stay. */
    public SortedMap<String, Integer> widths() {
        SortedMap<String, Integer> widths = new TreeMap<>();
        kept.forEach((group, channels) -> widths.put(group, channels.size()));
        return widths;
    }

    /** For every prunable group, in words, why these. */
    public Map<String, String> reasons() {
        return reasons;
    }

    /** What was asked for, if anything. */
    public Optional<Budget> budget() {
        return budget;
    }

    /** The cost of the unpruned network. */
    public Cost full() {
        return full;
    }

    /** The cost of what is left, exact. */
    public Cost achieved() {
        return achieved;
    }

    /** For each unit of the network whether it stays; not to be written to. */
    boolean[] units() {
        return units;
    }

    /** The output channels of every layer that the plan is about. */
    public Map<String, Integer> channels() {
        return groups.channels(units);
    }

    /** Achieved over requested cost, in (0, 1]; empty without a budget. */
    public Optional<Double> budgetUsed() {
        return budget.map(b -> b.used(achieved, full));
    }

    /** What is left at each resolution. */
    public List<Stage> stages() {
        return Stage.of(this);
    }

    /** One line with requested and achieved cost; a latency is what the table predicts. */
    public String summary() {
        String text = String.format(
                        Locale.ROOT,
                        "parameters %,d of %,d (%.2f %%), MACs %,d of %,d (%.2f %%)",
                        achieved.parameters(),
                        full.parameters(),
                        100.0 * achieved.parameters() / full.parameters(),
                        achieved.macs(),
                        full.macs(),
                        100.0 * achieved.macs() / full.macs())
                + latency();
        return budget.map(b -> String.format(
                                Locale.ROOT, "requested %s, used %.1f %% of it; ", b, 100 * b.used(achieved, full)))
                        .orElse("")
                + text;
    }

    private String latency() {
        return full.nanoseconds().isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", predicted latency %.3g ms of %.3g ms (%.2f %%)",
                        achieved.of(Cost.Kind.LATENCY) * 1e-6,
                        full.of(Cost.Kind.LATENCY) * 1e-6,
                        100.0 * achieved.of(Cost.Kind.LATENCY) / full.of(Cost.Kind.LATENCY));
    }

    /**
     * A table of the groups: channels, kept, MACs of their layers before and after with shares of the whole; one of the resolutions,
     * likewise; and the summary.
     */
    public String table() {
        boolean[] all = groups.keepAll();
        List<Row> rows = new ArrayList<>();
        for (ChannelGroup group : groups.all()) {
            rows.add(new Row(
                    group.name(),
                    group.size(),
                    group.prunable() ? kept.get(group.name()).size() : group.size(),
                    groups.cost().macsOf(group, all),
                    groups.cost().macsOf(group, units),
                    group.obstacle().orElse(reasons.getOrDefault(group.name(), "all kept"))));
        }
        List<Row> resolutions = stages().stream()
                .map(stage ->
                        new Row(stage.resolution(), stage.channels(), stage.kept(), stage.fullMacs(), stage.macs(), ""))
                .toList();
        int width = rows.stream().mapToInt(row -> row.name.length()).max().orElse(0);
        return String.join(
                "\n", table("group", width, rows), "", table("prunable at", width, resolutions), "", summary());
    }

    /** A line of a table. */
    private record Row(String name, int channels, int kept, long before, long after, String why) {}

    private String table(String title, int width, List<Row> rows) {
        String name = "%-" + Math.max(width, title.length()) + "s ";
        boolean withReasons = rows.stream().anyMatch(row -> !row.why.isEmpty());
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                name + "%8s %6s %7s %14s %7s %14s %7s%s",
                title,
                "channels",
                "kept",
                "ratio",
                "MACs before",
                "share",
                "MACs after",
                "share",
                withReasons ? "  why" : ""));
        for (Row row : rows) {
            lines.add(String.format(
                    Locale.ROOT,
                    name + "%8d %6d %6.1f%% %,14d %6.1f%% %,14d %6.1f%%%s",
                    row.name,
                    row.channels,
                    row.kept,
                    100.0 * row.kept / row.channels,
                    row.before,
                    100.0 * row.before / full.macs(),
                    row.after,
                    100.0 * row.after / achieved.macs(),
                    withReasons ? "  " + row.why : ""));
        }
        return String.join("\n", lines);
    }
}
