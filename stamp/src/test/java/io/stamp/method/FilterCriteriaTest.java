package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Scope;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.importance.GeometricMedian;
import io.stamp.method.importance.L1Norm;
import io.stamp.method.importance.L2Norm;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Criteria that look at nothing but weights, on weights whose scores are known. */
class FilterCriteriaTest {
    private static final double ROOT = Math.sqrt(LinearNetwork.FILTER);

    @Test
    void theL2NormOfAFilterIsTheRootOfItsSquares() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = LinearNetwork.withFilters(backend, c -> c + 1);

            Scores scores = new L2Norm().scores(task);

            assertThat(scores.byGroup()).containsOnlyKeys("a");
            assertThat(scores.byGroup().get("a"))
                    .usingComparatorWithPrecision(1e-12)
                    .containsExactly(ROOT, 2 * ROOT, 3 * ROOT);
            assertThat(scores.start()).isSameAs(task.model());
        }
    }

    @Test
    void theL2NormOfAStageIsThatOfAllItsFiltersAsOneVector() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();

            double[] stage = new L2Norm().scores(task).byGroup().get("stem+outer");

            double[] stem = weights(task, "stem");
            double[] outer = weights(task, "outer");
            for (int c = 0; c < stage.length; c++) {
                double[] zeroStem = new double[stem.length / 8];
                double[] zeroOuter = new double[outer.length / 8];
                double expected =
                        Math.hypot(distance(filter(stem, c, 8), zeroStem), distance(filter(outer, c, 8), zeroOuter));
                assertThat(stage[c]).isCloseTo(expected, within(1e-12));
            }
        }
    }

    /** On a line at 1, 2 and 6 the second is nearest to the others, though the first is the smallest: figure 1 of the FPGM paper. */
    @Test
    void theGeometricMedianGoesFirstAndNotTheSmallestFilter() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            double[] places = {1, 2, 6};
            PruningTask task = LinearNetwork.withFilters(backend, c -> places[c]);

            double[] scores = new GeometricMedian().scores(task).byGroup().get("a");

            assertThat(scores)
                    .usingComparatorWithPrecision(1e-12)
                    .containsExactly((1 + 5) * ROOT, (1 + 4) * ROOT, (5 + 4) * ROOT);
            assertThat(lowest(scores)).isEqualTo(1);
            assertThat(lowest(new L1Norm().scores(task).byGroup().get("a"))).isEqualTo(0);
        }
    }

    @Test
    void theDistancesOfAStageAreThoseWithinEachOfItsLayers() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();

            double[] stage = new GeometricMedian().scores(task).byGroup().get("stem+outer");

            for (int c = 0; c < stage.length; c++) {
                double expected = 0;
                for (String layer : new String[] {"stem", "outer"}) {
                    double[] weights = weights(task, layer);
                    for (int other = 0; other < 8; other++) {
                        expected += distance(filter(weights, c, 8), filter(weights, other, 8));
                    }
                }
                assertThat(stage[c]).isCloseTo(expected, within(1e-12));
            }
        }
    }

    private static double[] weights(PruningTask task, String layer) {
        return task.model().parameters().get(layer + ".weight").doubles();
    }

    private static double[] filter(double[] weights, int number, int filters) {
        int size = weights.length / filters;
        return IntStream.range(number * size, (number + 1) * size)
                .mapToDouble(i -> weights[i])
                .toArray();
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, a.length)
                .mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i]))
                .sum());
    }

    private static int lowest(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .min((a, b) -> Double.compare(scores[a], scores[b]))
                .orElseThrow();
    }
}
