package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.pruner.ThiNet;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroup;
import io.stamp.train.Evaluator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The greedy choice and the factors against the network's own convolutions, with all positions and all outputs in the sample. */
class ThiNetTest {
    /** The residual stage comes first, so that nothing before it is pruned; two layers read it, at strides 1 and 2. */
    private static final String STAGE = "stem+outer";

    private static final Map<String, Integer> STRIDES = Map.of("inner", 1, "top", 2);
    private static final Settings ALL = Settings.parse(
            List.of("thinet.images=1000", "thinet.positions=1000000", "thinet.outputs=100", "thinet.ridge=1e-9"));

    private final Map<String, Tensor> reads = new TreeMap<>();
    private PruningTask task;

    private void open(ReferenceBackend backend) {
        task = new PruningWorld(backend).task().withSettings(ALL);
        Model frozen = task.model().on(backend);
        Evaluator.recalibrate(
                backend, frozen, task.target().train(), task.target().normalisation(), 64, 10, task.seed());
        int[] images = task.sample(1, Integer.MAX_VALUE);
        frozen.forward(BatchNormMode.RUNNING, (layer, x) -> {
                    reads.put(layer, x);
                    return x;
                })
                .logits(task.images(images));
    }

    /** The change of what both readers put out, summed over their channels, when the stage is multiplied by factors. */
    private double error(double[] factors) {
        double error = 0;
        double[] changes = Arrays.stream(factors).map(factor -> factor - 1).toArray();
        for (Map.Entry<String, Integer> reader : STRIDES.entrySet()) {
            try (Scope _ = Scope.open()) {
                Tensor x = reads.get(reader.getKey());
                Tensor weight = task.model().parameters().get(reader.getKey() + ".weight");
                Tensor change = Tensor.of(x.backend(), Shape.of(changes.length), changes);
                Tensor y = Conv2d.of(x.times(change), weight, reader.getValue(), 1, 1);
                error += y.times(y).mean().scalar() * y.shape().dim(-1);
            }
        }
        return error;
    }

    @Test
    void channelsGoInTheOrderInWhichTheReadersFeelItLeast() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            open(backend);

            double[] scores = new ThiNet().prune(task).scores().get(STAGE);

            double[] factors = new double[scores.length];
            Arrays.fill(factors, 1);
            for (int step = 0; step < scores.length; step++) {
                int least = -1;
                double smallest = Double.POSITIVE_INFINITY;
                for (int c = 0; c < scores.length; c++) {
                    if (factors[c] == 1) {
                        factors[c] = 0;
                        double error = error(factors);
                        factors[c] = 1;
                        if (error < smallest) {
                            smallest = error;
                            least = c;
                        }
                    }
                }
                factors[least] = 0;
                assertThat(scores[least]).as("removed in step %d", step).isEqualTo(step);
            }
        }
    }

    @Test
    void noOtherFactorsOfTheKeptChannelsComeNearer() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            open(backend);

            Pruned pruned = new ThiNet().prune(task);

            double[] best = pruned.gates().get(STAGE).doubles();
            List<Integer> kept = pruned.plan().orElseThrow().kept().get(STAGE);
            ChannelGroup stage = task.groups().get(STAGE);
            double[] plain = new double[stage.size()];
            kept.forEach(k -> plain[k] = 1);
            assertThat(kept).hasSizeLessThan(stage.size());
            assertThat(error(best)).isLessThan(0.99 * error(plain));
            for (int k : kept) {
                for (double step : new double[] {-1e-2, 1e-2}) {
                    double[] other = best.clone();
                    other[k] += step;
                    assertThat(error(other)).isGreaterThan(error(best));
                }
            }
            assertThat(pruned.start()).as("only factors change").isSameAs(task.model());
        }
    }
}
