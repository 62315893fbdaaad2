package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.pruner.Scratch;
import io.stamp.method.pruner.SnipWeights;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SnipWeightsTest {
    private static final double STEP = 1e-4;

    /** 81 weights of 4 MACs each before a head of 120: half of 444 leaves (222 - 120) / 4 = 25 of them. */
    private static PruningTask task(ReferenceBackend backend) {
        Network network = Network.of(
                "small",
                10,
                InputShape.DEFAULT,
                (forward, images) -> forward.linear(
                        "head", forward.flatten(forward.conv("a", images, 3, 3, 16)), forward.classes()));
        return PruningWorld.task(Model.init(backend, network, 4), Budget.macs(0.5), 1);
    }

    /** The derivatives by finite differences. */
    @Test
    void theWeightsStayByWhichTheLossChangesMost() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = task(backend);

            Pruned pruned = new SnipWeights().prune(task);

            assertThat(kept(pruned)).containsExactly(steepest(task, task.model()));
            assertThat(pruned.start()).isSameAs(task.model());
            assertThat(pruned.plan()).isEmpty();
            assertThat(pruned.weightMask().names()).as("not the head").containsExactly("a.weight");
            assertThat(pruned.details()).containsEntry("weights_kept", 25 / 81.0);
        }
    }

    @Test
    void freshWeightsAreThoseOfTrainingFromScratch() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = task(backend).withSettings(Settings.parse(List.of("snip-weights.fresh=1")));

            Pruned pruned = new SnipWeights().prune(task);

            Model scratch = new Scratch().prune(task).start();
            assertThat(pruned.start().parameters().get("a.weight").doubles())
                    .isEqualTo(scratch.parameters().get("a.weight").doubles())
                    .isNotEqualTo(task.model().parameters().get("a.weight").doubles());
            assertThat(kept(pruned)).containsExactly(steepest(task, scratch));
        }
    }

    private static int[] kept(Pruned pruned) {
        double[] mask = pruned.weightMask().get("a.weight").doubles();
        return IntStream.range(0, mask.length).filter(i -> mask[i] == 1).toArray();
    }

    private static int[] steepest(PruningTask task, Model model) {
        double[] weights = model.parameters().get("a.weight").doubles();
        double[] scores = new double[weights.length];
        Arrays.setAll(
                scores,
                i -> Math.abs(weights[i] * (loss(task, model, i, STEP) - loss(task, model, i, -STEP)) / (2 * STEP)));
        return IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparing(i -> -scores[i]))
                .limit(25)
                .mapToInt(i -> i)
                .sorted()
                .toArray();
    }

    private static double loss(PruningTask task, Model model, int weight, double change) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> parameters = new TreeMap<>(model.parameters().asMap());
            Tensor before = parameters.get("a.weight");
            double[] values = before.doubles();
            values[weight] += change;
            parameters.put("a.weight", Tensor.of(before.backend(), before.shape(), values));
            int[] all = IntStream.range(0, task.target().train().size()).toArray();
            Tensor logits = model.withParameters(new Parameters(parameters))
                    .forward(BatchNormMode.BATCH)
                    .logits(task.images(all));
            return Layers.crossEntropy(logits, task.labels(all)).scalar();
        }
    }
}
