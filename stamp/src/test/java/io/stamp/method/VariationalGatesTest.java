package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.importance.BetaBernoulliDropout;
import io.stamp.method.importance.VibNet;
import io.stamp.prune.Budget;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beta-Bernoulli dropout and VIBNet. */
class VariationalGatesTest {
    private static final Methods METHODS = Methods.onClassPath();

    /** Room for two channels of six. */
    private static final Budget TWO_CHANNELS = Budget.macs(0.35);

    private static PruningTask with(PruningTask task, String... words) {
        return task.withSettings(Settings.parse(List.of(words)));
    }

    private static Importance importance(String name) {
        return METHODS.importance(name).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"beta-bernoulli", "vibnet"})
    void channelsOfNoiseGoFirst(String name) {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            TargetPruning pruning = ColourTarget.pruning(backend, ColourTarget.oneColourEach(), TWO_CHANNELS);
            double[] before =
                    pruning.task().model().parameters().get("a.weight").doubles();

            TargetPruning.Choice choice =
                    pruning.with(with(pruning.task(), name + ".batch=16")).choose(METHODS.pruner(name));

            assertThat(choice.plan().kept().get("a")).containsExactly(0, 1);
            double[] scores = choice.pruned().scores().get("a");
            double noise = Arrays.stream(scores, 2, scores.length).max().orElseThrow();
            double gap = name.equals("vibnet") ? 1 : 0.1;
            assertThat(Math.min(scores[0], scores[1]))
                    .as(Arrays.toString(scores))
                    .isGreaterThan(noise + gap);
            assertThat(choice.pruned().start().parameters().get("a.weight").doubles())
                    .isNotEqualTo(before);
            assertThat(pruning.task().model().parameters().get("a.weight").doubles())
                    .as("the task's own")
                    .isEqualTo(before);
            assertThat(pruning.start(choice, 16).model().network().channels()).containsEntry("a", 2);
        }
    }

    /**
     * With gates that cannot move, the divergence of the start is known: 8.96416 a channel of Kumaraswamy(2.125, 1), 0.5 ln(1 + e^5) of
     * mu = 1 and sigma^2 = e^-5. What the same gates are drawn and the weights hardly move, losses differ by it alone.
     */
    @ParameterizedTest
    @CsvSource({"beta-bernoulli, 8.96416", "vibnet, 2.503358"})
    void theLossHasTheDivergencePerImage(String name, double divergence) {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = ColourTarget.pruning(backend, ColourTarget.oneColourEach(), TWO_CHANNELS)
                    .task();
            String[] still = {name + ".epochs=1", name + ".rate=0.000001", name + ".gate-rate=0", name + ".strength=0"};
            double plain = loss(importance(name), with(task, still));
            still[3] = name + ".strength=16";

            double penalised = loss(importance(name), with(task, still));

            assertThat(penalised - plain).isCloseTo(16 * ColourTarget.CHANNELS * divergence / 128, within(1e-4));
        }
    }

    private static double loss(Importance importance, PruningTask task) {
        return (double) importance.scores(task).details().get("training_loss");
    }

    @Test
    void scoresAndGatesOfTheStartAreTheKnownOnes() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = ColourTarget.pruning(backend, ColourTarget.oneColourEach(), TWO_CHANNELS)
                    .task();

            Scores bernoulli = new BetaBernoulliDropout()
                    .scores(with(task, "beta-bernoulli.epochs=1", "beta-bernoulli.gate-rate=0"));
            Scores bottleneck =
                    new VibNet().scores(with(task, "vibnet.epochs=1", "vibnet.gate-rate=0", "vibnet.log-variance=-3"));

            assertThat(bernoulli.byGroup().get("a"))
                    .usingComparatorWithPrecision(1e-3)
                    .containsOnly(0.680);
            assertThat(bernoulli.gates().get("a").doubles())
                    .isEqualTo(bernoulli.byGroup().get("a"));
            assertThat(bottleneck.byGroup().get("a"))
                    .usingComparatorWithPrecision(1e-6)
                    .containsOnly(3.0);
            assertThat(bottleneck.gates().get("a").doubles()).containsOnly(1.0);
        }
    }

    /** With a large sigma the noise decides: it has to be another one in every step, and the same one for the same seed. */
    @ParameterizedTest
    @ValueSource(strings = {"beta-bernoulli", "vibnet"})
    void theSameSeedGivesTheSameScores(String name) {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningTask task = with(new PruningWorld(backend).task(), name + ".epochs=1", name + ".batch=16");

            List<double[]> scores = Stream.of(task, task)
                    .map(again -> importance(name).scores(again).byGroup().get("inner"))
                    .toList();

            assertThat(scores.get(0)).isEqualTo(scores.get(1)).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"beta-bernoulli", "vibnet", "beta-bernoulli@uniform", "vibnet@uniform"})
    void aResidualNetworkIsPrunedWithinTheBudget(String name) {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningWorld world = new PruningWorld(backend);
            String part = name.replaceAll("@.*", "");
            TargetPruning pruning = world.pruning.with(with(world.task(), part + ".epochs=1"));

            TargetPruning.Choice choice = pruning.choose(METHODS.pruner(name));

            assertThat(choice.plan().budgetUsed().orElseThrow()).isBetween(0.9, 1.0);
            TargetPruning.Start start = pruning.start(choice, 16);
            assertThat(start.model().network().trace().multiplyAccumulates())
                    .isEqualTo(choice.plan().achieved().macs());
        }
    }
}
