package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.allocation.ExactBudget;
import io.stamp.method.allocation.ScorePerCost;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The allocations that count costs; the plans themselves are tested with {@link PlanSearch}. */
class CostAwareAllocationTest {
    @ParameterizedTest
    @ValueSource(strings = {"macs=0.6", "macs=0.3", "params=0.5", "params=0.2"})
    void theBudgetAndItsKindCount(String text) {
        Budget budget = Budget.parse(text);
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = PruningWorld.task(new PruningWorld(backend).backbone, budget, 1);
            Scores scores = Scores.of(task, PlanSearch.randomScores(task.groups(), 4));

            PruningPlan exact = new ExactBudget().plan(task, scores);
            PruningPlan ranked = new ScorePerCost().plan(task, scores);

            for (PruningPlan plan : new PruningPlan[] {exact, ranked}) {
                assertThat(plan.budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
                assertThat(plan.widths().values()).allMatch(width -> width >= PruningPlan.MINIMUM_CHANNELS);
            }
            assertThat(ranked.kept())
                    .isEqualTo(new PlanSearch(task.groups())
                            .byScores(divided(task.groups(), scores.byGroup(), budget), budget)
                            .kept());
            assertNothingMoreFits(task.groups(), exact, budget);
        }
    }

    /** By the cost of the full network with one channel less. */
    private static Map<String, double[]> divided(ChannelGroups groups, Map<String, double[]> scores, Budget budget) {
        Map<String, double[]> divided = new TreeMap<>();
        for (ChannelGroup group : groups.prunable()) {
            boolean[] units = all(groups);
            units[group.firstUnit()] = false;
            long saved = groups.cost().full().of(budget.kind())
                    - groups.cost().of(units).of(budget.kind());
            divided.put(
                    group.name(),
                    Arrays.stream(scores.get(group.name()))
                            .map(score -> score / saved)
                            .toArray());
        }
        return divided;
    }

    private static void assertNothingMoreFits(ChannelGroups groups, PruningPlan plan, Budget budget) {
        for (ChannelGroup group : groups.prunable()) {
            boolean[] units = all(groups);
            for (ChannelGroup other : groups.prunable()) {
                IntStream.range(0, other.size())
                        .filter(k -> !plan.kept().get(other.name()).contains(k))
                        .forEach(k -> units[other.firstUnit() + k] = false);
            }
            int missing = IntStream.range(group.firstUnit(), group.firstUnit() + group.size())
                    .filter(unit -> !units[unit])
                    .findFirst()
                    .orElse(-1);
            if (missing >= 0) {
                units[missing] = true;
                assertThat(budget.used(groups.cost().of(units), groups.cost().full()))
                        .as(group.name())
                        .isGreaterThan(1);
            }
        }
    }

    private static boolean[] all(ChannelGroups groups) {
        boolean[] all = new boolean[groups.units()];
        Arrays.fill(all, true);
        return all;
    }
}
