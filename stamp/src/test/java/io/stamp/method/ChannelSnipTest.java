package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.FailedException;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.importance.ChannelSnip;
import io.stamp.prune.MaskedModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChannelSnipTest {
    private static final double STEP = 1e-5;

    /** One batch of all images, so that the order does not matter; the derivative by the gates from differences of the loss. */
    @Test
    void scoresAreSharesOfTheDifferenceThatAGateMakes() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            Map<String, double[]> expected = new TreeMap<>();
            task.groups()
                    .sizes()
                    .forEach((group, size) -> expected.put(
                            group,
                            IntStream.range(0, size)
                                    .mapToDouble(k ->
                                            Math.abs(loss(task, group, k, 1 + STEP) - loss(task, group, k, 1 - STEP)))
                                    .toArray()));
            double total = sum(expected);

            Map<String, double[]> scores = new ChannelSnip().scores(task).byGroup();

            assertThat(scores).containsOnlyKeys(expected.keySet());
            expected.forEach((group, own) -> {
                for (int k = 0; k < own.length; k++) {
                    assertThat(scores.get(group)[k]).isCloseTo(own[k] / total, within(1e-6));
                }
                assertThat(own).doesNotHaveDuplicates();
            });
            assertThat(sum(scores)).isCloseTo(1, within(1e-12));
        }
    }

    private static double sum(Map<String, double[]> scores) {
        return scores.values().stream().flatMapToDouble(Arrays::stream).sum();
    }

    /** The mean cross-entropy of all training images with one gate that is not 1. */
    private static double loss(PruningTask task, String group, int channel, double gate) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> gates = new TreeMap<>();
            task.groups().sizes().forEach((name, size) -> {
                double[] values = new double[size];
                Arrays.fill(values, 1);
                values[channel % size] = name.equals(group) ? gate : 1;
                gates.put(name, Tensor.of(task.model().backend(), Shape.of(size), values));
            });
            int[] all = IntStream.range(0, task.target().train().size()).toArray();
            Tensor logits = new MaskedModel(task.groups(), task.model(), gates)
                    .forward(BatchNormMode.BATCH)
                    .logits(task.images(all));
            return Layers.crossEntropy(logits, task.labels(all)).scalar();
        }
    }

    @Test
    void aNetworkThatNoChannelInfluencesHasNoShares() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = LinearNetwork.withFilters(backend, _ -> 0);

            assertThatThrownBy(() -> new ChannelSnip().scores(task))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("sum to 0.0");
        }
    }

    @Test
    void oneBatchIsLookedAt() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();

            Map<String, double[]> few = new ChannelSnip()
                    .scores(task.withSettings(Settings.parse(List.of("snip.batch=16"))))
                    .byGroup();

            assertThat(few.get("inner"))
                    .isNotEqualTo(new ChannelSnip().scores(task).byGroup().get("inner"));
            assertThat(sum(few)).isCloseTo(1, within(1e-12));
        }
    }
}
