package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.allocation.BestOfRandomWidths;
import io.stamp.method.allocation.GlobalRanking;
import io.stamp.method.allocation.UniformRatio;
import io.stamp.method.importance.L1Norm;
import io.stamp.method.importance.RandomChannels;
import io.stamp.method.pruner.Full;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.Compaction;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationTest {
    private static Backend backend;
    private static Scope scope;
    private static Model model;

    @BeforeAll
    static void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        model = Model.init(backend, Models.create("resnet20", 10, 0.5), 1);
    }

    @AfterAll
    static void close() {
        scope.close();
        backend.close();
    }

    private static PruningTask task(double budget, long seed) {
        return PruningWorld.task(model, Budget.macs(budget), seed);
    }

    private static Scores random(PruningTask task, long seed) {
        return Scores.of(task, PlanSearch.randomScores(task.groups(), seed));
    }

    private static List<Allocation> allocations(PruningTask task) {
        return List.of(
                new GlobalRanking(),
                new UniformRatio(),
                new WidthsOf(Pruner.of(new L1Norm(), new GlobalRanking())),
                new WidthsOf(Pruner.of(new RandomChannels(), new UniformRatio())));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.3, 0.1})
    void plansUseTheirBudgetAndLeaveTheMinimum(double budget) {
        for (long seed = 1; seed <= 3; seed++) {
            PruningTask task = task(budget, seed);
            for (Allocation allocation : allocations(task)) {
                PruningPlan plan = allocation.plan(task, random(task, seed + 10));

                assertThat(plan.budgetUsed().orElseThrow())
                        .as(allocation.name())
                        .isBetween(0.95, 1.0);
                assertThat(plan.widths().values()).allMatch(width -> width >= PruningPlan.MINIMUM_CHANNELS);
            }
        }
    }

    @Test
    void uniformPlansHaveTheWidthsOfTheirSeedWhateverTheScores() {
        PruningTask task = task(0.3, 1);
        PruningPlan one = new UniformRatio().plan(task, random(task, 1));

        PruningPlan other = new UniformRatio().plan(task, random(task, 2));

        assertThat(other.widths()).isEqualTo(one.widths());
        assertThat(other.kept()).isNotEqualTo(one.kept());
        assertThat(one.kept())
                .as("random channels")
                .isEqualTo(PruningPlan.uniformRandom(task.groups(), task.budget(), 1)
                        .kept());
    }

    @Test
    void theWidthsOfAnotherPlanKeepTheBestOfEveryGroup() {
        PruningTask task = task(0.3, 1);
        Pruner other = Pruner.of(new L1Norm(), new GlobalRanking());
        Scores scores = random(task, 5);

        PruningPlan plan = new WidthsOf(other).plan(task, scores);

        PruningPlan theirs = other.prune(task).plan().orElseThrow();
        assertThat(plan.widths()).isEqualTo(theirs.widths());
        assertThat(plan.achieved()).isEqualTo(theirs.achieved());
        assertThat(plan.kept()).isNotEqualTo(theirs.kept());
        plan.kept().forEach((group, kept) -> {
            double[] own = scores.byGroup().get(group);
            assertThat(kept)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, own.length)
                            .boxed()
                            .sorted(Comparator.comparing(k -> -own[k]))
                            .limit(kept.size())
                            .toList());
        });
    }

    @Test
    void thereAreNoWidthsOfTheFullNetwork() {
        PruningTask task = task(0.3, 1);

        assertThatThrownBy(() -> new WidthsOf(new Full()).plan(task, random(task, 1)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'full' removes nothing");
    }

    @Test
    void widthsFollowTheirWeights() {
        PruningTask task = task(0.3, 1);
        Map<String, Double> weights = new HashMap<>();
        task.groups().sizes().keySet().forEach(group -> weights.put(group, group.startsWith("stage3") ? 0.2 : 0.8));

        PruningPlan plan =
                new PlanSearch(task.groups()).byRatios(random(task, 1).byGroup(), weights, task.budget(), 1);

        assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.95, 1.0);
        plan.widths().forEach((group, width) -> {
            double ratio = (double) width / task.groups().get(group).size();
            assertThat(ratio).as(group).matches(share -> group.startsWith("stage3") ? share < 0.3 : share > 0.4);
        });
    }

    @Test
    void theBestOfRandomWidthsHasTheLowestLoss() {
        Setting candidates = new BestOfRandomWidths().settings().getFirst();
        try (Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            Scores scores = withGates(task, random(task, 1));
            double[] losses = IntStream.rangeClosed(1, 5)
                    .mapToDouble(count -> loss(task, scores, plan(task, scores, candidates, count)))
                    .toArray();

            for (int i = 1; i < losses.length; i++) {
                assertThat(losses[i]).isLessThanOrEqualTo(losses[i - 1]);
            }
            assertThat(losses[losses.length - 1]).as("more candidates help").isLessThan(losses[0]);
            PruningPlan plan = plan(task, scores, candidates, 5);
            assertThat(plan.kept()).isEqualTo(plan(task, scores, candidates, 5).kept());
            assertThat(plan.budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
        }
    }

    private static PruningPlan plan(PruningTask task, Scores scores, Setting candidates, int count) {
        PruningTask changed = task.withSettings(task.settings().with(candidates, count));
        return new BestOfRandomWidths().plan(changed, scores);
    }

    /** Of very different values, so that networks without them rank otherwise. */
    private static Scores withGates(PruningTask task, Scores scores) {
        RandomStream random = new RandomStream(5, 1);
        Map<String, Tensor> gates = new TreeMap<>();
        task.groups().sizes().forEach((group, size) -> {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = 8 * random.nextUniform() - 4;
            }
            gates.put(group, Tensor.of(backend, Shape.of(size), values));
        });
        return new Scores(scores.byGroup(), scores.start(), gates, scores.details());
    }

    /** On all images in their own order: the allocation looks at all of them, too, in another order. */
    private static double loss(PruningTask task, Scores scores, PruningPlan plan) {
        try (Scope _ = Scope.open()) {
            Model small = Compaction.transform(scores.start(), plan, scores.gates());
            Evaluator.recalibrate(
                    backend, small, task.target().train(), task.target().normalisation(), 120, 1, 1);
            return Evaluator.loss(
                    backend, small, task.target().train(), task.target().normalisation());
        }
    }
}
