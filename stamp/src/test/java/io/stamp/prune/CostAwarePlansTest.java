package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.model.Models;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans that count what a channel costs, against a case by hand and against the definition, which builds no table of costs. */
class CostAwarePlansTest {
    /**
     * At 1,024 places a channel of a costs 3 + B multiply-accumulates, one of b costs A; and 10 in the head. All is 28,712; the first channel
     * that goes saves 7,168 in a and 4,106 in b.
     */
    private static final Network TWO = Network.of("two", 10, InputShape.DEFAULT, CostAwarePlansTest::two);

    private static final Map<String, double[]> SCORES = Map.of(
            "a", new double[] {7168, 2 * 7168, 3 * 7168, 4 * 7168},
            "b", new double[] {1.6 * 4106, 2.5 * 4106, 9 * 4106, 9 * 4106});

    private static Tensor two(Forward forward, Tensor images) {
        Tensor x = forward.conv("b", forward.conv("a", images, 4, 1, 1), 4, 1, 1);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    /** With three channels each it is 18,462, 64.3 %; with the next one, b's first, 75 %. */
    @Test
    void scoresPerCostOfTheFullNetworkAreRanked() {
        PruningPlan plan = new PlanSearch(ChannelGroups.of(TWO)).byScoresPerCost(SCORES, Budget.macs(0.65));

        assertThat(plan.kept()).containsEntry("a", List.of(1, 2, 3)).containsEntry("b", List.of(1, 2, 3));
        assertThat(plan.achieved().macs()).isEqualTo(18_462);
    }

    /** Once a's first channel has gone, b's first costs 3,082 and is worth 2.13 a piece: a's second, worth 2, goes before it. */
    @Test
    void costsAreThoseOfTheMoment() {
        PruningPlan plan = new GreedyRemoval(ChannelGroups.of(TWO)).plan(SCORES, Budget.macs(0.65));

        assertThat(plan.kept()).containsEntry("a", List.of(2, 3)).containsEntry("b", List.of(0, 1, 2, 3));
        assertThat(plan.achieved().macs()).isEqualTo(14_376);
    }

    static Stream<ChannelGroups> networks() {
        return Stream.concat(
                        IntStream.rangeClosed(1, 12).mapToObj(RandomNetwork::create),
                        Stream.of(Models.create("resnet20", 10, 0.25), Models.create("mobilenet", 10, 0.1)))
                .map(ChannelGroups::of)
                .filter(groups -> groups.prunable().stream().anyMatch(group -> group.size() > 4))
                .map(groups -> groups.withLatency(MadeUpLatency.random(groups, 8)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void removalFollowsItsDefinition(ChannelGroups groups) {
        Map<String, double[]> scores = Fixtures.scores(groups, 3);
        for (Cost.Kind kind : Cost.Kind.values()) {
            Budget budget = reachable(groups, scores, kind);

            PruningPlan plan = new GreedyRemoval(groups).plan(scores, budget);

            assertThat(plan.kept())
                    .isEqualTo(byDefinition(groups, scores, budget).kept());
            assertThat(plan.budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theRankingIsThatOfScoresDividedByCost(ChannelGroups groups) {
        Map<String, double[]> scores = Fixtures.scores(groups, 3);
        for (Cost.Kind kind : Cost.Kind.values()) {
            Budget budget = reachable(groups, scores, kind);
            Map<String, double[]> divided = new TreeMap<>();
            for (ChannelGroup group : groups.prunable()) {
                double[] own = scores.get(group.name());
                divided.put(
                        group.name(),
                        IntStream.range(0, own.length)
                                .mapToDouble(k -> own[k] / saved(groups, groups.keepAll(), group.firstUnit() + k, kind))
                                .toArray());
            }

            PruningPlan plan = new PlanSearch(groups).byScoresPerCost(scores, budget);

            assertThat(plan.kept())
                    .isEqualTo(new PlanSearch(groups).byScores(divided, budget).kept());
        }
    }

    /** Half way between the least that is possible and everything. */
    private static Budget reachable(ChannelGroups groups, Map<String, double[]> scores, Cost.Kind kind) {
        PlanRules rules = new PlanRules(groups, PruningPlan.MINIMUM_CHANNELS);
        boolean[] least = rules.reserved(rules.scoresByUnit(scores));
        double share =
                (double) groups.cost().of(least).of(kind) / groups.cost().full().of(kind);
        return new Budget(kind, (share + 1) / 2);
    }

    private static PruningPlan byDefinition(ChannelGroups groups, Map<String, double[]> scores, Budget budget) {
        PlanRules rules = new PlanRules(groups, PruningPlan.MINIMUM_CHANNELS);
        double[] byUnit = rules.scoresByUnit(scores);
        boolean[] reserved = rules.reserved(byUnit);
        boolean[] units = groups.keepAll();
        while (!rules.fits(units, budget)) {
            units[
                    IntStream.range(0, units.length)
                            .filter(unit -> units[unit] && !reserved[unit])
                            .boxed()
                            .min(Comparator.comparing(unit -> byUnit[unit] / saved(groups, units, unit, budget.kind())))
                            .orElseThrow()] = false;
        }
        while (true) {
            var next = IntStream.range(0, units.length)
                    .filter(unit -> !units[unit] && rules.fits(changed(units, unit), budget))
                    .boxed()
                    .max(Comparator.comparing(
                            unit -> byUnit[unit] / saved(groups, changed(units, unit), unit, budget.kind())));
            if (next.isEmpty()) {
                Map<String, List<Integer>> kept = new TreeMap<>();
                groups.prunable()
                        .forEach(group -> kept.put(
                                group.name(),
                                IntStream.range(0, group.size())
                                        .filter(k -> units[group.firstUnit() + k])
                                        .boxed()
                                        .toList()));
                return PruningPlan.of(groups, kept);
            }
            units[next.get()] = true;
        }
    }

    private static double saved(ChannelGroups groups, boolean[] units, int unit, Cost.Kind kind) {
        return groups.cost().of(units).of(kind)
                - groups.cost().of(changed(units, unit)).of(kind);
    }

    private static boolean[] changed(boolean[] units, int unit) {
        boolean[] changed = units.clone();
        changed[unit] = !changed[unit];
        return changed;
    }

    @Test
    void aLargeNetworkTakesNoTime() {
        ChannelGroups groups = ChannelGroups.of(Models.create("vgg19", 10, 1));
        Map<String, double[]> scores = Fixtures.scores(groups, 1);

        PruningPlan plan = Assertions.assertTimeout(
                Duration.ofSeconds(3), () -> new GreedyRemoval(groups).plan(scores, Budget.macs(0.05)));

        assertThat(groups.units()).isGreaterThan(5504);
        assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.99, 1.0);
        assertThat(plan.widths().values()).allMatch(width -> width >= PruningPlan.MINIMUM_CHANNELS);
    }
}
