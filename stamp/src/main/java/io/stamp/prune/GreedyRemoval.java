package io.stamp.prune;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Goes from the full network to a budget one channel at a time, each the one that scores least per cost that its removal saves at that
 * moment: what a channel costs falls with the widths of the layers around it. When the budget holds, removed channels come back where they
 * still fit, those first that score most per cost that they add. The best few channels of every layer stay.
 */
public final class GreedyRemoval {
    private final PlanRules rules;

    /** With the usual minimum of channels, {@link PruningPlan#MINIMUM_CHANNELS}. */
    public GreedyRemoval(ChannelGroups groups) {
        this(groups, PruningPlan.MINIMUM_CHANNELS);
    }

    /**
     * @throws io.stamp.engine.StampException where nothing of the network can be pruned
     */
    public GreedyRemoval(ChannelGroups groups, int minimum) {
        this.rules = new PlanRules(groups, minimum);
    }

    /**
     * The plan.
     *
     * @param scores a score for each channel of every prunable group
     */
    public PruningPlan plan(Map<String, double[]> scores, Budget budget) {
        double[] byUnit = rules.scoresByUnit(scores);
        Run run = new Run(byUnit, budget);
        run.removeUntilItFits();
        run.fill();
        Map<String, String> reasons = new TreeMap<>();
        rules.prunable.forEach(group ->
                reasons.put(group.name(), "scores per " + budget.kind() + " at the time, the lowest removed first"));
        return rules.plan(run.units, byUnit, reasons, Optional.of(budget));
    }

    /** Channels of one sort cost the same, so that the lowest score of each sort is all that has to be compared. */
    private final class Run {
        private final double[] scores;
        private final double allowed;
        private final UnitCosts costs;
        private final boolean[] units;

        /** By sort, what may be removed, the lowest score first. */
        private final List<Deque<Integer>> present;

        /** By sort, what was removed, the last and best first. */
        private final List<Deque<Integer>> removed;

        Run(double[] scores, Budget budget) {
            this.scores = scores;
            this.costs = new UnitCosts(rules.groups, budget.kind());
            this.allowed = budget.fraction() * costs.cost();
            this.units = rules.groups.keepAll();
            this.present = queues();
            this.removed = queues();
            boolean[] reserved = rules.reserved(scores, budget);
            rules.ranking(scores).stream()
                    .filter(unit -> !reserved[unit])
                    .forEach(unit -> present.get(costs.sortOf(unit)).push(unit));
        }

        private List<Deque<Integer>> queues() {
            return Stream.<Deque<Integer>>generate(ArrayDeque::new)
                    .limit(costs.sorts())
                    .toList();
        }

        void removeUntilItFits() {
            while (costs.cost() > allowed) {
                int worst = -1;
                double lowest = 0;
                for (int sort = 0; sort < present.size(); sort++) {
                    if (!present.get(sort).isEmpty()) {
                        double value = scores[present.get(sort).peek()] / Math.max(1, costs.saved(sort));
                        // Of equal ones the first in the network stay.
                        if (worst < 0 || value <= lowest) {
                            worst = sort;
                            lowest = value;
                        }
                    }
                }
                int unit = present.get(worst).pop();
                removed.get(worst).push(unit);
                units[unit] = false;
                costs.remove(worst);
            }
        }

        void fill() {
            for (int best = bestThatFits(); best >= 0; best = bestThatFits()) {
                units[removed.get(best).pop()] = true;
                costs.add(best);
            }
        }

        /** The sort of the best channel that can come back, or -1. */
        private int bestThatFits() {
            int best = -1;
            double highest = 0;
            for (int sort = 0; sort < removed.size(); sort++) {
                long added = costs.added(sort);
                if (!removed.get(sort).isEmpty() && costs.cost() + added <= allowed) {
                    double value = scores[removed.get(sort).peek()] / Math.max(1, added);
                    if (best < 0 || value > highest) {
                        best = sort;
                        highest = value;
                    }
                }
            }
            return best;
        }
    }
}
