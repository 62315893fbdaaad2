package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.pruner.EdgePopup;
import io.stamp.prune.Budget;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EdgePopupTest {
    private static final Budget TWO_THIRDS = Budget.macs(0.7);

    private static List<double[]> values(Parameters parameters) {
        return parameters.tensors().stream().map(tensor -> tensor.doubles()).toList();
    }

    /** All 18 weights are of magnitude 1; 12 may stay (18 x 16 + 24 MACs in all, so that (218 - 24) / 16 = 12), which are those of red and blue. */
    @Test
    void weightsThatReadNoiseLoseTheirEdges() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            TargetPruning pruning = ColourTarget.pruning(backend, ColourTarget.allColours(), TWO_THIRDS);
            PruningTask task = pruning.task().withSettings(Settings.parse(List.of("edge-popup.batch=16")));
            List<double[]> before = values(task.model().parameters());

            Pruned pruned = new EdgePopup().prune(task);

            double[] mask = pruned.weightMask().get("a.weight").doubles();
            double[] byColour = new double[3];
            IntStream.range(0, mask.length).forEach(i -> byColour[i % 3] += mask[i]);
            assertThat(Arrays.stream(mask).sum()).isEqualTo(12);
            assertThat(byColour[1]).as("of six that read green").isLessThanOrEqualTo(1);
            assertThat(pruned.start()).isSameAs(task.model());
            assertThat(values(task.model().parameters()))
                    .usingRecursiveComparison()
                    .as("frozen")
                    .isEqualTo(before);
        }
    }

    @Test
    void scoresThatDoNotMoveRankByMagnitudeOrAtRandom() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();

            double[] still = mask(task, "edge-popup.rate=0");
            double[] random = mask(task, "edge-popup.rate=0", "edge-popup.random=1");

            double[] weights = task.model().parameters().get("inner.weight").doubles();
            double lowestKept = IntStream.range(0, weights.length)
                    .filter(i -> still[i] == 1)
                    .mapToDouble(i -> Math.abs(weights[i]))
                    .min()
                    .orElseThrow();
            assertThat(IntStream.range(0, weights.length).filter(i -> still[i] == 0))
                    .allMatch(i -> Math.abs(weights[i]) <= lowestKept);
            assertThat(random).isNotEqualTo(still);
            assertThat(Arrays.stream(random).sum())
                    .isEqualTo(Arrays.stream(still).sum());
        }
    }

    private static double[] mask(PruningTask task, String... words) {
        List<String> settings = Stream.concat(Stream.of("edge-popup.epochs=1"), Arrays.stream(words))
                .toList();
        return new EdgePopup()
                .prune(task.withSettings(Settings.parse(settings)))
                .weightMask()
                .get("inner.weight")
                .doubles();
    }
}
