package io.stamp.prune;

import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Rounds how many channels of each group a choice keeps. Every group goes to the nearest width that it may have; where that breaks the
 * budget, the group that is furthest above what was chosen for it, relative to its size, gives up a step, again and again; where it leaves
 * more than a twentieth of the budget unused, the group that is furthest below gets one. Channels come and go by their scores. With
 * {@link Rounding#AUTO} groups that the table favours no multiple for make room for the others, a channel at a time.
 */
final class RoundedWidths {
    private static final int[] MULTIPLES = {4, 8, 16};

    /** A channel behind a step costs more than so much above the average of its group, and one before it so much less. */
    private static final double CLEAR = 0.5;

    private final PlanRules rules;
    private final double[] scores;
    private final Optional<Budget> budget;
    private final boolean[] units;
    private final List<Group> groups;

    RoundedWidths(PlanRules rules, double[] scores, boolean[] chosen, Optional<Budget> budget) {
        this.rules = rules;
        this.scores = scores;
        this.budget = budget;
        this.units = chosen.clone();
        boolean[] reserved = rules.reserved(scores);
        this.groups =
                rules.prunable.stream().map(group -> new Group(group, reserved)).toList();
    }

    /** For each unit of the network whether it stays. */
    boolean[] units() {
        Rounding rounding = rules.groups.rounding();
        List<Integer> widths = new ArrayList<>();
        for (Group group : groups) {
            widths.add(rounding == Rounding.AUTO ? group.chooseByLatency() : group.choose(rounding.multiple()));
        }
        IntStream.range(0, widths.size()).forEach(i -> groups.get(i).resize(widths.get(i)));
        budget.ifPresent(this::fit);
        return units;
    }

    private void fit(Budget limit) {
        while (!rules.fits(units, limit)) {
            groups.stream()
                    .filter(group -> group.below() < group.width())
                    .max(Comparator.comparing(Group::isFree).thenComparingDouble(Group::deviation))
                    .orElseThrow(() -> unreachable(limit))
                    .stepDown();
        }
        boolean changed = true;
        while (changed && rules.used(units, limit) < PlanRules.SAME_BUDGET) {
            changed = groups.stream()
                    .filter(group -> group.above() > group.width())
                    .sorted(Comparator.comparing((Group group) -> !group.isFree())
                            .thenComparingDouble(Group::deviation))
                    .anyMatch(group -> group.stepsUp(limit));
        }
    }

    private StampException unreachable(Budget limit) {
        return new StampException(String.format(
                Locale.ROOT,
                "The budget %s cannot be reached with widths rounded to %s: at least %.4f of the %s are left; ask for more, or round to"
                        + " a smaller multiple.",
                limit,
                rules.groups.rounding(),
                limit.fraction() * rules.used(units, limit),
                limit.kind()));
    }

    /** One group and how many of its channels are there. */
    private final class Group {
        private final ChannelGroup group;
        /** Those that stay in any case first, then by score. */
        private final List<Integer> ranking;

        private final int least;
        private final int unrounded;
        /** By how many channels it may change; none where it has fewer than the multiple. */
        private int multiple = 1;

        Group(ChannelGroup group, boolean[] reserved) {
            this.group = group;
            this.ranking = rules.ranking(scores).stream()
                    .filter(group::owns)
                    .sorted(Comparator.comparing(unit -> !reserved[unit]))
                    .toList();
            this.least = (int) ranking.stream().filter(unit -> reserved[unit]).count();
            this.unrounded = width();
        }

        int width() {
            return (int) ranking.stream().filter(unit -> units[unit]).count();
        }

        /** How far it is above what was chosen for it, as a share of the group. */
        double deviation() {
            return (double) (width() - unrounded) / group.size();
        }

        boolean isFree() {
            return multiple == 1;
        }

        int choose(int wanted) {
            multiple = group.size() < wanted ? 0 : wanted;
            return multiple == 0 ? unrounded : nearest(wanted);
        }

        private int nearest(int wanted) {
            int below = atMost(unrounded, wanted);
            int above = atLeast(unrounded, wanted);
            return below >= Math.max(1, least) && unrounded - below < above - unrounded ? below : above;
        }

        /**
         * The width that the table favours most among the nearest multiples: one whose channels above it cost clearly more than those of
         * the group do on average, or up to which they cost clearly less. Other groups are as they were chosen.
         */
        int chooseByLatency() {
            double price = (nanoseconds(group.size()) - nanoseconds(least)) / Math.max(1, group.size() - least);
            int best = unrounded;
            double most = 0;
            for (int candidate : MULTIPLES) {
                if (group.size() >= candidate) {
                    int width = nearest(candidate);
                    double fair = price * (unrounded - width);
                    double gain = nanoseconds(unrounded) - nanoseconds(width) - fair;
                    if (gain > Math.max(most, CLEAR * Math.abs(fair))) {
                        best = width;
                        most = gain;
                        multiple = candidate;
                    }
                }
            }
            return best;
        }

        /** Of the network with so many channels in this group. */
        private double nanoseconds(int width) {
            boolean[] changed = units.clone();
            resize(changed, width);
            return rules.groups.cost().of(changed).of(Cost.Kind.LATENCY);
        }

        private int atMost(int width, int wanted) {
            return width == group.size() ? width : width / wanted * wanted;
        }

        private int atLeast(int width, int wanted) {
            return Math.min(group.size(), Math.ceilDiv(width, wanted) * wanted);
        }

        /** The next smaller width, or the present one where there is none. */
        int below() {
            int below = multiple == 0 ? 0 : (width() - 1) / multiple * multiple;
            return below >= Math.max(1, least) ? below : width();
        }

        int above() {
            return multiple == 0 ? width() : atLeast(width() + 1, multiple);
        }

        void stepDown() {
            resize(below());
        }

        boolean stepsUp(Budget limit) {
            int before = width();
            resize(above());
            if (rules.fits(units, limit)) {
                return true;
            }
            resize(before);
            return false;
        }

        void resize(int width) {
            resize(units, width);
        }

        private void resize(boolean[] chosen, int width) {
            List<Integer> there = ranking.stream().filter(unit -> chosen[unit]).toList();
            there.stream().skip(width).forEach(unit -> chosen[unit] = false);
            ranking.stream()
                    .filter(unit -> !chosen[unit])
                    .limit(Math.max(0, width - there.size()))
                    .forEach(unit -> chosen[unit] = true);
        }
    }
}
