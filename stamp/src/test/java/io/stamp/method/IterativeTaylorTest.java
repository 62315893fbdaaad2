package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.method.importance.IterativeTaylor;
import io.stamp.method.importance.Taylor;
import io.stamp.prune.Budget;
import io.stamp.prune.PruningPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class IterativeTaylorTest {
    private static Backend backend;
    private static Scope scope;
    private static PruningTask world;

    @BeforeAll
    static void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = new PruningWorld(backend).task();
    }

    @AfterAll
    static void close() {
        scope.close();
        backend.close();
    }

    /** All images in one batch to score, {@code steps} of fine-tuning. */
    private static PruningTask task(int rounds, int steps) {
        return world.withSettings(Settings.parse(List.of(
                "taylor-iterative.rounds=" + rounds,
                "taylor-iterative.steps=" + steps,
                "taylor-iterative.batch=120",
                "taylor-iterative.rate=0.05",
                "taylor.batch=120")));
    }

    private static PruningPlan plan(PruningTask task) {
        return Methods.onClassPath()
                .pruner("taylor-iterative")
                .prune(task)
                .plan()
                .orElseThrow();
    }

    @Test
    void inOneRoundScoresAreThoseOfTaylorOfNormOneInEachGroup() {
        try (Scope _ = Scope.open()) {
            PruningTask task = task(1, 1);
            Map<String, double[]> taylor = new Taylor().scores(task).byGroup();

            Scores scores = new IterativeTaylor().scores(task);

            taylor.forEach((group, own) -> {
                double norm = Math.sqrt(Arrays.stream(own).map(x -> x * x).sum());
                double[] found = scores.byGroup().get(group);
                for (int k = 0; k < own.length; k++) {
                    double expected = own[k] / norm;
                    assertThat(found[k]).isCloseTo(found[k] >= 0 ? expected : expected / 2 - 1, within(1e-5));
                }
            });
        }
    }

    @Test
    void everyRoundMeetsItsBudgetAndThePlanKeepsWhatTheLastOneLeft() {
        try (Scope _ = Scope.open()) {
            int rounds = 4;
            PruningTask task = task(rounds, 2);

            Scores scores = new IterativeTaylor().scores(task);

            for (int round = 1; round <= rounds; round++) {
                PruningPlan left = left(task, scores, round - rounds - 0.25);
                double fraction = 1 - (1 - task.budget().fraction()) * round / rounds;
                assertThat(Budget.macs(fraction).used(left.achieved(), left.full()))
                        .as("round " + round)
                        .isBetween(0.8, 1 + 1e-12);
            }
            assertThat(plan(task).kept()).isEqualTo(left(task, scores, 0).kept());
        }
    }

    /** What scores at least that much. Channels that go in a round score up to half above a whole number. */
    private static PruningPlan left(PruningTask task, Scores scores, double bound) {
        Map<String, List<Integer>> kept = new TreeMap<>();
        scores.byGroup()
                .forEach((group, own) -> kept.put(
                        group,
                        IntStream.range(0, own.length)
                                .filter(k -> own[k] >= bound)
                                .boxed()
                                .toList()));
        return PruningPlan.of(task.groups(), kept);
    }

    /** Nothing reaches the batch-norm of a masked channel, which has no decay either. */
    @Test
    void whatIsRemovedIsNoLongerTrained() {
        try (Scope _ = Scope.open()) {
            PruningTask task = task(2, 5);
            double[] before = task.model().parameters().get("inner.norm.scale").doubles();

            Scores scores = new IterativeTaylor().scores(task);

            double[] after = scores.start().parameters().get("inner.norm.scale").doubles();
            double[] inner = scores.byGroup().get("inner");
            assertThat(Arrays.stream(inner)).anyMatch(score -> score < -1).anyMatch(score -> score >= 0);
            for (int k = 0; k < inner.length; k++) {
                if (inner[k] < -1) {
                    assertThat(after[k]).as("removed in the first round").isEqualTo(before[k]);
                } else {
                    assertThat(after[k]).as("trained").isNotEqualTo(before[k]);
                }
            }
        }
    }

    @Test
    void fineTuningLowersTheLossAndChangesLaterScores() {
        try (Scope _ = Scope.open()) {
            Scores few = new IterativeTaylor().scores(task(2, 1));
            Scores many = new IterativeTaylor().scores(task(2, 40));

            assertThat(loss(many)).isLessThan(loss(few));
            few.byGroup().forEach((group, own) -> {
                double[] other = many.byGroup().get(group);
                for (int k = 0; k < own.length; k++) {
                    if (own[k] < -1) {
                        assertThat(other[k])
                                .as("the first round precedes all training")
                                .isEqualTo(own[k]);
                    }
                }
                assertThat(other).isNotEqualTo(own);
            });
        }
    }

    private static double loss(Scores scores) {
        return (double) scores.details().get("training_loss");
    }
}
