package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Scope;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.meta.BoundGenerator;
import io.stamp.meta.Stamp;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.method.importance.L1Norm;
import io.stamp.method.importance.RandomChannels;
import io.stamp.method.importance.Taylor;
import io.stamp.model.Model;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each criterion against a case that is computed in another way. */
class ImportanceTest {
    private static final int CHANNELS = LinearNetwork.CHANNELS;

    @Test
    void theL1NormOfAFilterIsTheSumOfItsAbsoluteWeights() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = LinearNetwork.withFilters(backend, c -> c + 1);

            Scores scores = new L1Norm().scores(task);

            assertThat(scores.byGroup()).containsOnlyKeys("a");
            assertThat(scores.byGroup().get("a")).containsExactly(27, 54, 81);
            assertThat(scores.start()).isSameAs(task.model());
        }
    }

    @Test
    void theL1NormOfAStageIsThatOfAllItsFilters() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();

            double[] stage = new L1Norm().scores(task).byGroup().get("stem+outer");

            double[] stem = task.model().parameters().get("stem.weight").doubles();
            double[] outer = task.model().parameters().get("outer.weight").doubles();
            for (int c = 0; c < stage.length; c++) {
                double expected = absolute(stem, c, stem.length / 8) + absolute(outer, c, outer.length / 8);
                assertThat(stage[c]).isCloseTo(expected, within(1e-12));
            }
        }
    }

    private static double absolute(double[] weights, int filter, int size) {
        return IntStream.range(filter * size, (filter + 1) * size)
                .mapToDouble(i -> Math.abs(weights[i]))
                .sum();
    }

    /**
     * Logits are linear in the gates of this network, z = b + sum_c m_c z_c, so that the derivative of the cross-entropy by m_c is the sum
     * over images and classes of (softmax(z) - y) z_c.
     */
    @Test
    void theTaylorScoreIsTheSumOfProbabilityErrorTimesContribution() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = LinearNetwork.task(backend);
            int count = task.target().train().size();
            int[] all = IntStream.range(0, count).toArray();
            double[] errors = errors(task, all);

            double[] scores = new Taylor().scores(task).byGroup().get("a");

            for (int c = 0; c < CHANNELS; c++) {
                double[] contribution = contribution(task, all, c);
                double sum = IntStream.range(0, errors.length)
                        .mapToDouble(i -> errors[i] * contribution[i])
                        .sum();
                assertThat(scores[c]).isCloseTo(Math.abs(sum) / count, within(1e-9));
            }
            assertThat(scores).as("a case that tells channels apart").doesNotHaveDuplicates();
        }
    }

    /** Softmax minus label for each image and class. */
    private static double[] errors(PruningTask task, int[] images) {
        double[] logits = task.model().logits(task.images(images)).doubles();
        double[] labels = task.labels(images).doubles();
        double[] errors = new double[logits.length];
        for (int row = 0; row < logits.length; row += 10) {
            int from = row;
            double sum = IntStream.range(from, from + 10)
                    .mapToDouble(i -> Math.exp(logits[i]))
                    .sum();
            IntStream.range(from, from + 10).forEach(i -> errors[i] = Math.exp(logits[i]) / sum - labels[i]);
        }
        return errors;
    }

    /** What one channel adds to the logits: those of a head without bias and without the weights of other channels. */
    private static double[] contribution(PruningTask task, int[] images, int channel) {
        double[] head = task.model().parameters().get("head.weight").doubles();
        for (int i = 0; i < head.length; i++) {
            head[i] = i % CHANNELS == channel ? head[i] : 0;
        }
        Model alone = LinearNetwork.replaced(
                LinearNetwork.replaced(task.model(), "head.weight", head), "head.bias", new double[10]);
        return alone.forward(BatchNormMode.RUNNING).logits(task.images(images)).doubles();
    }

    @Test
    void randomScoresFollowTheirSeed() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = LinearNetwork.task(backend);
            Model model = task.model();

            double[] scores = new RandomChannels().scores(task).byGroup().get("a");

            assertThat(scores).hasSize(CHANNELS).doesNotHaveDuplicates();
            assertThat(Arrays.stream(scores)).allMatch(score -> score > 0 && score < 1);
            assertThat(new RandomChannels()
                            .scores(PruningWorld.task(model, PruningWorld.BUDGET, 1))
                            .byGroup()
                            .get("a"))
                    .isEqualTo(scores);
            assertThat(new RandomChannels()
                            .scores(PruningWorld.task(model, PruningWorld.BUDGET, 2))
                            .byGroup()
                            .get("a"))
                    .isNotEqualTo(scores);
        }
    }

    @Test
    void theScoresOfStampAreThoseOfItsSearch() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            BoundGenerator bound = task.generator(Need.GENERATOR).orElseThrow();
            Stamp.Found found = bound.stamp()
                    .search(
                            bound.generator(),
                            task.target().train(),
                            task.target().normalisation(),
                            task.budget(),
                            Stamp.Search.of(task.seed()).withSteps(2).withSets(2));

            Scores scores = new ExpectedGate().scores(task);

            assertThat(scores.byGroup()).containsOnlyKeys(found.scores().keySet());
            found.scores()
                    .forEach((group, values) ->
                            assertThat(scores.byGroup().get(group)).containsExactly(values));
            assertThat(scores.start().head().get("head.weight").doubles())
                    .as("the head that was adapted with the generator")
                    .isEqualTo(found.head().get("head.weight").doubles())
                    .isNotEqualTo(task.head().get("head.weight").doubles());
            assertThat(scores.details()).containsEntry("search_loss", found.loss());
        }
    }

    @Test
    void theVariantsOfStampUseTheirOwnGenerators() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();

            double[] usual = new ExpectedGate().scores(task).byGroup().get("inner");
            double[] blind =
                    new ExpectedGate.WithoutSet().scores(task).byGroup().get("inner");
            double[] untrained = new ExpectedGate.WithoutMetaTraining()
                    .scores(task)
                    .byGroup()
                    .get("inner");

            assertThat(blind).isNotEqualTo(usual);
            assertThat(untrained)
                    .as("the generator of this test is not meta-trained either")
                    .isEqualTo(usual);
        }
    }
}
