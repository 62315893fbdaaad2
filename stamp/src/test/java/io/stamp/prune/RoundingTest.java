package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three convolutions of 32, 12 and 3 channels; the first channels score most. */
class RoundingTest {
    private static final Network THREE = Network.of("three", 10, InputShape.DEFAULT, RoundingTest::three);
    private static final ChannelGroups GROUPS = ChannelGroups.of(THREE);

    private static Tensor three(Forward forward, Tensor images) {
        Tensor x = forward.conv("b", forward.conv("a", images, 32, 1, 1), 12, 1, 1);
        return forward.linear("head", forward.globalAveragePool(forward.conv("c", x, 3, 1, 1)), forward.classes());
    }

    private static Map<String, double[]> scores() {
        Map<String, double[]> scores = new TreeMap<>();
        GROUPS.sizes()
                .forEach((group, size) -> scores.put(
                        group,
                        IntStream.range(0, size).mapToDouble(k -> size - k).toArray()));
        return scores;
    }

    private static PruningPlan plan(ChannelGroups groups, int a, int b, int c, Optional<Budget> budget) {
        PlanRules rules = new PlanRules(groups, PruningPlan.MINIMUM_CHANNELS);
        boolean[] units = groups.keepAll();
        Map.of("a", a, "b", b, "c", c).forEach((name, width) -> {
            ChannelGroup group = groups.get(name);
            for (int k = width; k < group.size(); k++) {
                units[group.firstUnit() + k] = false;
            }
        });
        return rules.plan(units, rules.scoresByUnit(scores()), Map.of("a", "here"), budget);
    }

    private static Map<String, Integer> rounded(Rounding rounding, int a, int b, int c) {
        return plan(GROUPS.withRounding(rounding), a, b, c, Optional.empty()).widths();
    }

    /** 17 is nearer to 16 than to 24, 20 as near to both, 11 of 12 nearer to all; a group of 3 has no multiple of 8. */
    @Test
    void widthsGoToTheNearestMultipleOrToAllOfAGroup() {
        assertThat(rounded(Rounding.EIGHT, 17, 5, 2)).isEqualTo(Map.of("a", 16, "b", 8, "c", 2));
        assertThat(rounded(Rounding.EIGHT, 20, 11, 3)).isEqualTo(Map.of("a", 24, "b", 12, "c", 3));
        assertThat(rounded(Rounding.SIXTEEN, 20, 7, 2)).isEqualTo(Map.of("a", 16, "b", 7, "c", 2));
        assertThat(rounded(Rounding.NONE, 17, 5, 2)).isEqualTo(Map.of("a", 17, "b", 5, "c", 2));
    }

    @Test
    void lessThanTheMinimumIsRoundedUp() {
        assertThat(rounded(Rounding.EIGHT, 2, 2, 2)).isEqualTo(Map.of("a", 8, "b", 8, "c", 2));
    }

    @Test
    void theBestChannelsStayAndTheReasonSaysSo() {
        PruningPlan plan = plan(GROUPS.withRounding(Rounding.EIGHT), 14, 8, 2, Optional.empty());

        assertThat(plan.kept().get("a"))
                .containsExactlyElementsOf(IntStream.range(0, 16).boxed().toList());
        assertThat(plan.reasons()).containsEntry("a", "here; 14 before rounding (8)");
    }

    /** 15 and 7 channels fit a budget that 16 and 8 break: b is further above for its size and goes down; a has room for a step then. */
    @Test
    void theBudgetHoldsAfterRounding() {
        Budget budget = Budget.macs(used(15, 7));

        PruningPlan plan = plan(GROUPS.withRounding(Rounding.FOUR), 15, 7, 2, Optional.of(budget));

        assertThat(plan.widths()).isEqualTo(Map.of("a", 20, "b", 4, "c", 2));
        assertThat(plan.budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
    }

    @Test
    void whatIsLeftOfTheBudgetIsUsed() {
        Budget budget = Budget.macs(used(17, 8));

        PruningPlan plan = plan(GROUPS.withRounding(Rounding.EIGHT), 11, 8, 2, Optional.of(budget));

        assertThat(plan.widths()).isEqualTo(Map.of("a", 16, "b", 8, "c", 2));
    }

    private static double used(int a, int b) {
        PruningPlan plan = plan(GROUPS, a, b, 2, Optional.empty());
        return (double) plan.achieved().macs() / plan.full().macs();
    }

    @Test
    void widthsThatNoBudgetAllowsAreAnError() {
        Budget budget = Budget.macs(used(4, 4));

        assertThatThrownBy(() -> plan(GROUPS.withRounding(Rounding.SIXTEEN), 4, 4, 2, Optional.of(budget)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("cannot be reached with widths rounded to 16")
                .hasMessageContaining("a smaller multiple");
    }

    /** a has a step behind 16 channels and is flat after it; b's channels all cost the same. */
    private static ChannelGroups stepped() {
        return GROUPS.withRounding(Rounding.AUTO)
                .withLatency(new LatencyTable(
                        new TreeMap<>(Map.of(
                                "a.weight", MadeUpLatency.byOutputs(List.of(2, 16, 17, 32), 1, 2, 3, 3.1),
                                "b.weight", steadyB())),
                        1e-3));
    }

    private static LatencyTable.Layer steadyB() {
        return new LatencyTable.Layer(
                List.of(2, 12), List.of(2, 32), List.of(List.of(1e-3, 1e-3), List.of(6e-3, 6e-3)));
    }

    @Test
    void autoRoundsWhereTheTableHasAStepAndNowhereElse() {
        assertThat(plan(stepped(), 18, 7, 2, Optional.empty()).widths()).isEqualTo(Map.of("a", 16, "b", 7, "c", 2));
        assertThat(plan(stepped(), 16, 7, 2, Optional.empty()).widths()).isEqualTo(Map.of("a", 16, "b", 7, "c", 2));
    }

    /** Behind the step channels are nearly free: all of them may stay rather than 27. */
    @Test
    void autoRoundsUpWhereChannelsCostNextToNothing() {
        assertThat(plan(stepped(), 27, 7, 2, Optional.empty()).widths()).isEqualTo(Map.of("a", 32, "b", 7, "c", 2));
    }

    @Test
    void autoNeedsATable() {
        assertThatThrownBy(() -> rounded(Rounding.AUTO, 17, 5, 2))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("no table of it was measured");
    }

    @ParameterizedTest
    @EnumSource(Rounding.class)
    void everySearchRounds(Rounding rounding) {
        ChannelGroups groups =
                GROUPS.withLatency(MadeUpLatency.random(GROUPS, 3)).withRounding(rounding);
        PlanSearch search = new PlanSearch(groups);
        Budget budget = new Budget(Cost.Kind.LATENCY, (1 + search.leastShare(Cost.Kind.LATENCY)) / 2);

        for (PruningPlan plan : List.of(
                search.byScores(scores(), budget),
                search.byScoresPerCost(scores(), budget),
                search.byUniformRatio(scores(), budget, 1),
                search.byThreshold(scores(), 9),
                new GreedyRemoval(groups).plan(scores(), budget))) {
            assertThat(plan.budgetUsed().orElse(1.0)).isLessThanOrEqualTo(1);
            if (rounding != Rounding.AUTO) {
                int multiple = rounding.multiple();
                plan.widths().forEach((group, width) -> assertThat(width % multiple == 0
                                || width == groups.get(group).size()
                                || groups.get(group).size() < multiple)
                        .as(group + " " + width)
                        .isTrue());
            }
        }
    }
}
