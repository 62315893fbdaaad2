package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.importance.BatchNormScale;
import io.stamp.method.importance.Slimming;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which scales belong to which channels. */
class BatchNormScaleTest {
    /** Entry k of the batch-norm number n among all by name is {@code -(1000 n + k)}. */
    private static Model marked(Model model) {
        Map<String, Tensor> changed = new TreeMap<>(model.parameters().asMap());
        int number = 0;
        for (String name : model.parameters().names()) {
            if (name.endsWith(".scale")) {
                changed.put(name, Tensor.of(model.backend(), changed.get(name).shape(), marks(model, name, number++)));
            }
        }
        return model.withParameters(new Parameters(changed));
    }

    private static double[] marks(Model model, String name, int number) {
        double[] marks = model.parameters().get(name).doubles();
        Arrays.setAll(marks, k -> -(1000 * number + k));
        return marks;
    }

    private static double[] meanMagnitude(Model model, List<String> norms) {
        double[] sum = new double[0];
        for (String norm : norms) {
            double[] values = model.parameters().get(norm + ".scale").doubles();
            double[] before = sum.length == 0 ? new double[values.length] : sum;
            sum = new double[values.length];
            for (int k = 0; k < sum.length; k++) {
                sum[k] = before[k] + Math.abs(values[k]);
            }
        }
        return Arrays.stream(sum).map(total -> total / norms.size()).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet18", "vgg19", "mobilenet"})
    void scalesFollowTheProducersOfTheirChannels(String name) {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = marked(Model.init(backend, Models.create(name, 10, 0.1), 1));
            PruningTask task = PruningWorld.task(model, PruningWorld.BUDGET, 1);

            Map<String, double[]> scores = new BatchNormScale().scores(task).byGroup();

            assertThat(scores.keySet()).isEqualTo(task.groups().sizes().keySet());
            for (ChannelGroup group : task.groups().prunable()) {
                // In these networks every convolution is followed by a batch-norm of its name.
                List<String> norms = group.channelWise().stream()
                        .filter(layer -> layer.endsWith(".norm"))
                        .toList();
                group.producers().forEach(producer -> assertThat(norms).contains(producer.layer() + ".norm"));
                assertThat(scores.get(group.name()))
                        .as(group.name())
                        .usingComparatorWithPrecision(1e-9)
                        .containsExactly(meanMagnitude(model, norms));
            }
        }
    }

    @Test
    void aChannelOfADepthwiseLayerPassesTwoBatchNorms() {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = marked(Model.init(backend, Models.create("mobilenet", 10, 0.1), 1));
            PruningTask task = PruningWorld.task(model, PruningWorld.BUDGET, 1);

            double[] scores = new BatchNormScale().scores(task).byGroup().get("pair3.pointwise");

            assertThat(scores)
                    .usingComparatorWithPrecision(1e-9)
                    .containsExactly(meanMagnitude(model, List.of("pair3.pointwise.norm", "pair4.depthwise.norm")));
        }
    }

    /** Two convolutions whose outputs lie side by side before a batch-norm of both, under names that tell nothing. */
    @Test
    void aBatchNormAfterAConcatenationServesBothGroups() {
        Network network = Network.of("odd", 10, InputShape.DEFAULT, (forward, images) -> {
            Tensor x = forward.maxPool(images, 8);
            Tensor both = Concat.of(3, List.of(forward.conv("p", x, 2, 3, 1), forward.conv("q", x, 3, 3, 1)));
            return forward.linear(
                    "z", forward.globalAveragePool(forward.batchNorm("w", both, true)), forward.classes());
        });
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = LinearNetwork.replaced(Model.init(backend, network, 1), "w.scale", 1, -2, 3, -4, 5);

            Map<String, double[]> scores = new BatchNormScale()
                    .scores(PruningWorld.task(model, PruningWorld.BUDGET, 1))
                    .byGroup();

            assertThat(scores.get("p")).containsExactly(1, 2);
            assertThat(scores.get("q")).containsExactly(3, 4, 5);
        }
    }

    @Test
    void channelsWithoutABatchNormAreRefusedBeforeAnyTraining() {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = LinearNetwork.task(backend);

            for (Importance importance : List.of(new BatchNormScale(), new Slimming())) {
                assertThatThrownBy(() -> importance.scores(task))
                        .isInstanceOf(StampException.class)
                        .hasMessageContaining("group 'a' pass no batch-norm");
            }
        }
    }
}
