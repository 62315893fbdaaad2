package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.importance.GroupLasso;
import io.stamp.method.importance.L2Norm;
import io.stamp.method.importance.Slimming;
import io.stamp.model.Model;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Methods that train with a penalty. In a single step of stochastic gradient descent with Nesterov momentum from rest a term of the loss
 * moves a parameter by its gradient times {@code -rate (1 + momentum)}, whatever the other terms are; {@link #MOVED} is that factor.
 */
class SparseTrainingTest {
    private static final double LAMBDA = 0.25;
    private static final double RATE = 0.01;

    /** The only step is half way through the schedule: a warm-up of a tenth, then half a cosine. */
    private static final double MOVED = RATE * 0.5 * (1 + Math.cos(Math.PI * 0.4 / 0.9)) * (1 + 0.9);

    private static Model oneStep(PruningTask task, Importance importance, double lambda) {
        String name = importance.name();
        Settings settings = Settings.parse(
                List.of(name + ".epochs=1", name + ".batch=120", name + ".rate=" + RATE, name + ".lambda=" + lambda));
        return importance.scores(task.withSettings(settings)).start();
    }

    private static double[] difference(Model after, Model without, String parameter) {
        double[] a = after.parameters().get(parameter).doubles();
        double[] b = without.parameters().get(parameter).doubles();
        double[] difference = new double[a.length];
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return difference;
    }

    @Test
    void slimmingMovesScalesAgainstTheirSign() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask usual = new PruningWorld(backend).task();
            Model mixed = LinearNetwork.replaced(
                    usual.model(), "inner.norm.scale", 1, -1, 0.5, -0.5, 0, 2, -2, 0.25, -0.25, 3);
            PruningTask task = with(usual, mixed);

            Model penalised = oneStep(task, new Slimming(), LAMBDA);
            Model plain = oneStep(task, new Slimming(), 0);

            double d = -LAMBDA * MOVED;
            assertThat(difference(penalised, plain, "inner.norm.scale"))
                    .usingComparatorWithPrecision(1e-12)
                    .containsExactly(d, -d, d, -d, 0, d, -d, d, -d, d);
            for (String norm : List.of("stem.norm", "outer.norm", "top.norm")) {
                assertThat(difference(penalised, plain, norm + ".scale"))
                        .usingComparatorWithPrecision(1e-12)
                        .containsOnly(d);
            }
            for (String other : List.of("inner.weight", "inner.norm.shift", "head.weight")) {
                assertThat(difference(penalised, plain, other)).containsOnly(0);
            }
        }
    }

    @Test
    void theGroupLassoMovesWeightsTowardsZeroAlongTheirGroup() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            double[] norms = new L2Norm().scores(task).byGroup().get("stem+outer");

            Model penalised = oneStep(task, new GroupLasso(), LAMBDA);
            Model plain = oneStep(task, new GroupLasso(), 0);

            for (String layer : List.of("stem.weight", "outer.weight")) {
                double[] before = task.model().parameters().get(layer).doubles();
                double[] difference = difference(penalised, plain, layer);
                for (int i = 0; i < before.length; i++) {
                    double norm = norms[i / (before.length / norms.length)];
                    assertThat(difference[i]).isCloseTo(-LAMBDA * MOVED * before[i] / norm, within(1e-10));
                }
            }
            for (String other : List.of("stem.norm.scale", "head.weight")) {
                assertThat(difference(penalised, plain, other)).containsOnly(0);
            }
        }
    }

    @Test
    void aFilterOfZerosStaysOneAndBreaksNothing() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask usual = new PruningWorld(backend).task();
            double[] weights = usual.model().parameters().get("inner.weight").doubles();
            Arrays.fill(weights, 0, weights.length / 10, 0);
            Model sparse = LinearNetwork.replaced(usual.model(), "inner.weight", weights);

            Model penalised = oneStep(with(usual, sparse), new GroupLasso(), LAMBDA);
            Model plain = oneStep(with(usual, sparse), new GroupLasso(), 0);

            assertThat(Arrays.stream(difference(penalised, plain, "inner.weight"))
                            .limit(weights.length / 10))
                    .containsOnly(0.0);
        }
    }

    private static PruningTask with(PruningTask task, Model model) {
        return new PruningTask(
                model,
                task.groups(),
                task.target(),
                task.budget(),
                task.seed(),
                task.settings(),
                task.generators(),
                task.reference(),
                task.progress());
    }

    @Test
    void whatIsPenalisedShrinksAndIsWhatChannelsAreRankedBy() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            Parameters before = task.model().parameters();
            double[] stem = before.get("stem.weight").doubles();

            Scores slim = strong(task, new Slimming());
            Scores lasso = strong(task, new GroupLasso());

            double[] inner = slim.start().parameters().get("inner.norm.scale").doubles();
            assertThat(slim.byGroup().get("inner"))
                    .containsExactly(Arrays.stream(inner).map(Math::abs).toArray());
            assertThat(sum(slim)).isLessThan(0.5 * sum(plain(task, new Slimming())));
            assertThat(lasso.byGroup())
                    .usingRecursiveComparison()
                    .isEqualTo(new L2Norm().scores(with(task, lasso.start())).byGroup());
            assertThat(sum(lasso)).isLessThan(0.5 * sum(plain(task, new GroupLasso())));
            assertThat(task.model().parameters().get("stem.weight").doubles()).isEqualTo(stem);
            assertThat(slim.details().get("training_loss")).isInstanceOf(Double.class);
        }
    }

    private static Scores strong(PruningTask task, Importance importance) {
        return importance.scores(task.withSettings(
                Settings.parse(List.of(importance.name() + ".epochs=15", importance.name() + ".lambda=0.5"))));
    }

    private static Scores plain(PruningTask task, Importance importance) {
        return importance.scores(task.withSettings(
                Settings.parse(List.of(importance.name() + ".epochs=15", importance.name() + ".lambda=0"))));
    }

    private static double sum(Scores scores) {
        return Stream.of(scores.byGroup().values().toArray(double[][]::new))
                .flatMapToDouble(Arrays::stream)
                .sum();
    }
}
