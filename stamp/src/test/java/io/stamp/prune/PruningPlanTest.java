package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.op.Concat;
import io.stamp.model.Models;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruningPlanTest {
    private static final ChannelGroups RESNET = ChannelGroups.of(Models.create("resnet20", 10, 1));

    private static Map<String, double[]> equalScores() {
        Map<String, double[]> scores = new TreeMap<>();
        RESNET.sizes().forEach((name, size) -> scores.put(name, new double[size]));
        return scores;
    }

    @Test
    void budgetsAreRead() {
        assertThat(Budget.parse("macs=0.3")).isEqualTo(Budget.macs(0.3)).hasToString("macs=0.3");
        assertThat(Budget.parse("params=0.1")).isEqualTo(Budget.parameters(0.1));
        assertThat(Budget.parse("latency=0.5"))
                .isEqualTo(new Budget(Cost.Kind.LATENCY, 0.5))
                .hasToString("latency=0.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "macs", "macs=", "macs=x", "flops=0.3", "=0.3"})
    void otherBudgetsAreExplained(String text) {
        assertThatThrownBy(() -> Budget.parse(text))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("macs=0.3, params=0.1 or latency=0.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"macs=0", "macs=1.5", "params=-1", "macs=NaN"})
    void budgetsAreFractions(String text) {
        assertThatThrownBy(() -> Budget.parse(text))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("(0, 1]");
    }

    @ParameterizedTest
    @CsvSource({"macs=0.3", "macs=0.1", "params=0.1", "params=0.5"})
    void rankedChannelsFillTheBudget(String text) {
        Budget budget = Budget.parse(text);
        PruningPlan plan = PruningPlan.byScores(RESNET, Fixtures.scores(RESNET, 1), budget, 2);
        assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.95, 1.0);
        assertThat(plan.kept().values()).allMatch(kept -> kept.size() >= 2);
    }

    /** In a narrow network one channel of a residual stage is a large part of the budget. */
    @Test
    void cheapChannelsFillWhatACostlyOneLeaves() {
        ChannelGroups narrow = ChannelGroups.of(Models.create("resnet20", 10, 0.25));
        int filled = 0;
        for (int seed = 1; seed <= 20; seed++) {
            PruningPlan plan = PruningPlan.byScores(narrow, Fixtures.scores(narrow, seed), Budget.macs(0.3), 2);
            assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.95, 1.0);
            filled +=
                    plan.reasons().values().stream().anyMatch(reason -> reason.contains("rest of the budget")) ? 1 : 0;
        }
        assertThat(filled).isPositive();
    }

    @Test
    void theBestScoresStayAndNoBetterOneIsRemoved() {
        Map<String, double[]> scores = Fixtures.scores(RESNET, 2);
        PruningPlan plan = PruningPlan.byScores(RESNET, scores, Budget.macs(0.3), 2);
        double worstKept = 1;
        double bestRemoved = 0;
        for (ChannelGroup group : RESNET.prunable()) {
            List<Integer> kept = plan.kept().get(group.name());
            assertThat(kept).hasSizeGreaterThan(2);
            for (int k = 0; k < group.size(); k++) {
                double score = scores.get(group.name())[k];
                worstKept = kept.contains(k) ? Math.min(worstKept, score) : worstKept;
                bestRemoved = kept.contains(k) ? bestRemoved : Math.max(bestRemoved, score);
            }
        }
        assertThat(worstKept).isGreaterThan(bestRemoved);
    }

    @Test
    void equalScoresGoByGroupAndNumber() {
        PruningPlan plan = PruningPlan.byScores(RESNET, equalScores(), Budget.macs(0.3), 2);
        assertThat(plan.kept().get("stage1")).hasSize(16);
        assertThat(plan.kept().get("stage3.block2.conv1")).containsExactly(0, 1);
    }

    @Test
    void aMinimumStaysHoweverBadTheScores() {
        Map<String, double[]> scores = equalScores();
        scores.values().forEach(own -> Arrays.fill(own, 1));
        scores.put("stage2.block1.conv1", new double[32]);
        scores.get("stage2.block1.conv1")[7] = 0.5;
        PruningPlan plan = PruningPlan.byScores(RESNET, scores, Budget.macs(0.85), 3);
        assertThat(plan.kept().get("stage2.block1.conv1")).containsExactly(0, 1, 7);
    }

    @Test
    void everyLayerOfAMixedGroupKeepsItsMinimum() {
        ChannelGroups groups = ChannelGroups.of(Fixtures.network((forward, images) -> {
            var a = forward.conv("a", images, 4, 3, 4);
            var b = forward.conv("b", images, 4, 3, 4);
            var c = forward.conv("c", images, 8, 3, 4);
            var x = c.plus(Concat.of(3, a, b));
            return forward.linear("head", forward.globalAveragePool(x), forward.classes());
        }));
        assertThat(groups.sizes()).containsExactly(Map.entry("a+b+c", 8));
        double[] scores = {8, 7, 6, 5, 4, 3, 2, 1};
        PruningPlan plan = PruningPlan.byScores(groups, Map.of("a+b+c", scores), Budget.parameters(0.6), 2);
        assertThat(plan.kept().get("a+b+c")).containsExactly(0, 1, 4, 5);
        assertThat(plan.channels()).isEqualTo(Map.of("a", 2, "b", 2, "c", 4));
        assertThatThrownBy(() -> PruningPlan.of(groups, Map.of("a+b+c", List.of(0, 1, 2, 3))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'b'");
    }

    @ParameterizedTest
    @CsvSource({
        "resnet20, macs=0.3",
        "resnet20, params=0.1",
        "resnet56, macs=0.3",
        "resnet18, macs=0.3",
        "vgg19, params=0.1",
        "vgg19, macs=0.1",
        "mobilenet, macs=0.5"
    })
    void uniformPlansMeetTheBudget(String model, String budget) {
        ChannelGroups groups = ChannelGroups.of(Models.create(model, 10, 1));
        PruningPlan random = PruningPlan.uniformRandom(groups, Budget.parse(budget), 1);
        PruningPlan first = PruningPlan.uniformWidth(groups, Budget.parse(budget));
        for (PruningPlan plan : List.of(random, first)) {
            assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.95, 1.0);
            double[] ratios = groups.prunable().stream()
                    .mapToDouble(group -> (double) plan.kept().get(group.name()).size() / group.size())
                    .toArray();
            double spread = Arrays.stream(ratios).max().orElseThrow()
                    - Arrays.stream(ratios).min().orElseThrow();
            assertThat(spread).isLessThan(2.0 / 16);
        }
        assertThat(first.kept().values()).allMatch(kept -> kept.getLast() == kept.size() - 1);
    }

    @Test
    void randomPlansFollowTheirSeed() {
        Budget budget = Budget.macs(0.3);
        PruningPlan plan = PruningPlan.uniformRandom(RESNET, budget, 1);
        assertThat(plan.kept())
                .isEqualTo(PruningPlan.uniformRandom(RESNET, budget, 1).kept())
                .isNotEqualTo(PruningPlan.uniformRandom(RESNET, budget, 2).kept());
    }

    @Test
    void nothingAndTooMuchAreErrors() {
        assertThatThrownBy(() -> PruningPlan.byScores(RESNET, equalScores(), Budget.macs(1), 2))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("removes nothing")
                .hasMessageContaining("macs=1.0");
        assertThatThrownBy(() -> PruningPlan.of(RESNET, Map.of()))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("removes nothing");
        assertThatThrownBy(() -> PruningPlan.byScores(RESNET, equalScores(), Budget.macs(0.001), 2))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("macs=0.001 cannot be reached")
                .hasMessageContaining("2 channels");
        assertThatThrownBy(() -> PruningPlan.of(RESNET, Map.of("stage1", List.of(3))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("1 of 16 channels")
                .hasMessageContaining("'stem'");
        assertThatThrownBy(() -> PruningPlan.of(RESNET, Map.of("stage1", List.of()), 0))
                .isInstanceOf(StampException.class);
    }

    @Test
    void otherMistakesAreNamed() {
        assertThatThrownBy(() -> PruningPlan.of(RESNET, Map.of("stage1", List.of(0, 1, 16))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("channel 16");
        assertThatThrownBy(() -> PruningPlan.of(RESNET, Map.of("head", List.of(0, 1))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("one for each class");
        Map<String, double[]> scores = equalScores();
        scores.get("stage1")[4] = Double.NaN;
        assertThatThrownBy(() -> PruningPlan.byScores(RESNET, scores, Budget.macs(0.3), 2))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("channel 4")
                .hasMessageContaining("'stage1'");
        scores.put("stage1", new double[15]);
        assertThatThrownBy(() -> PruningPlan.byScores(RESNET, scores, Budget.macs(0.3), 2))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("16 channels but 15 scores");
        ChannelGroups nothing = ChannelGroups.of(
                Models.create("resnet20", 10, 1),
                GroupPolicy.INNER_AND_STAGE,
                RESNET.sizes().keySet());
        assertThatThrownBy(() -> PruningPlan.uniformWidth(nothing, Budget.macs(0.3)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("it was excluded");
    }

    @Test
    void theTableTellsRequestedAndAchieved() {
        PruningPlan plan = PruningPlan.uniformRandom(RESNET, Budget.macs(0.3), 1);
        assertThat(plan.table().lines()).hasSize(1 + RESNET.all().size() + 1 + 4 + 1 + 1);
        assertThat(plan.table())
                .contains("prunable at", "\n32x32 ", "requested macs=0.3, used 9", "of 40,813,184", "% of each group");
        long shares = RESNET.all().stream()
                .mapToLong(group -> RESNET.cost().macsOf(group, RESNET.keepAll()))
                .sum();
        assertThat(shares).isEqualTo(plan.full().macs());
    }

    /** Where each layer of ResNet-20 works is known; the names of its groups are not asked. */
    @Test
    void stagesAreTheGroupsOfOneResolution() {
        Map<String, List<Integer>> kept = new TreeMap<>();
        kept.put("stage1", List.of(0, 1, 2, 3));
        kept.put("stage2.block1.conv1", IntStream.range(0, 20).boxed().toList());
        PruningPlan plan = PruningPlan.of(RESNET, kept);

        List<Stage> stages = plan.stages();

        assertThat(stages).extracting(Stage::resolution).containsExactly("32x32", "16x16", "8x8");
        assertThat(stages).extracting(Stage::channels).containsExactly(4 * 16, 4 * 32, 4 * 64);
        assertThat(stages).extracting(Stage::kept).containsExactly(4 * 16 - 12, 4 * 32 - 12, 4 * 64);
        assertThat(stages.getFirst().share()).isEqualTo(52.0 / 64);
        ChannelGroup head = RESNET.get("head");
        assertThat(stages.stream().mapToLong(Stage::fullMacs).sum()
                        + RESNET.cost().macsOf(head, RESNET.keepAll()))
                .isEqualTo(plan.full().macs());
        assertThat(stages.stream().mapToLong(Stage::macs).sum() + RESNET.cost().macsOf(head, plan.units()))
                .isEqualTo(plan.achieved().macs());
    }

    @Test
    void groupsThatMustStayAreInNoStage() {
        ChannelGroups inner = ChannelGroups.of(Models.create("resnet20", 10, 1), GroupPolicy.INNER, Set.of());

        PruningPlan plan = PruningPlan.uniformWidth(inner, Budget.macs(0.5));

        assertThat(plan.stages()).extracting(Stage::channels).containsExactly(3 * 16, 3 * 32, 3 * 64);
    }

    @Test
    void thresholdsKeepWhatPasses() {
        Map<String, double[]> scores = equalScores();
        scores.values().forEach(own -> Arrays.fill(own, 0.5));
        Arrays.fill(scores.get("stage2"), 5, 32, 1e-4);
        PruningPlan plan = PruningPlan.byThreshold(RESNET, scores, 1e-3, 2);
        assertThat(plan.kept().get("stage2")).containsExactly(0, 1, 2, 3, 4);
        assertThat(plan.kept().get("stage1")).hasSize(16);
        assertThat(plan.budget()).isEmpty();
        assertThat(Set.copyOf(plan.reasons().values())).containsExactly("scores of 0.001 and above");
        assertThatThrownBy(() -> PruningPlan.byThreshold(RESNET, scores, 1e-5, 2))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("1.0E-5 removes nothing")
                .hasMessageContaining("higher threshold");
    }
}
