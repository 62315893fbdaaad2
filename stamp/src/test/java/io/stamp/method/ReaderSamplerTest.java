package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.reconstruction.Matrix;
import io.stamp.method.reconstruction.ReaderSample;
import io.stamp.method.reconstruction.ReaderSampler;
import io.stamp.method.reconstruction.SampleSize;
import io.stamp.model.Model;
import io.stamp.prune.LayerAxis;
import io.stamp.prune.MaskedModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a layer reads, times its weights, is what it puts out: padding, strides, groups and linear layers included. */
class ReaderSamplerTest {
    private static final int IMAGES = 10;
    private static final int POSITIONS = 40;
    private static final SampleSize SIZE = new SampleSize(IMAGES, POSITIONS, 100);

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.conv("plain", forward.maxPool(images, 4), 6, 3, 1);
        x = forward.batchNorm("norm", x, true);
        x = forward.conv("strided", x, 4, 3, 2);
        x = forward.groupedConv("grouped", x, 6, 3, 1, 2);
        x = forward.conv("point", x, 3, 1, 1);
        return forward.linear("head", forward.flatten(x), forward.classes());
    }

    private static PruningTask task(ReferenceBackend backend) {
        Network network = Network.of("sampled", 10, InputShape.DEFAULT, ReaderSamplerTest::logits);
        return PruningWorld.task(Model.init(backend, network, 4), PruningWorld.BUDGET, 1);
    }

    private static MaskedModel ungated(PruningTask task) {
        Map<String, Tensor> ones = new TreeMap<>();
        task.groups()
                .sizes()
                .forEach((group, size) ->
                        ones.put(group, Tensor.filled(task.model().backend(), Shape.of(size), 1)));
        return new MaskedModel(task.groups(), task.model(), ones);
    }

    @Test
    void windowsTimesWeightsAreOutputs() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = task(backend);
            ReaderSampler sampler = new ReaderSampler(task, SIZE);

            Map<String, Matrix> outputs = sampler.outputs(task.model());
            List<ReaderSample> samples =
                    sampler.inputs(ungated(task), task.groups().readers());

            assertThat(outputs.keySet())
                    .containsExactlyElementsOf(task.groups().readers().stream()
                            .map(LayerAxis::layer)
                            .toList())
                    .containsExactly("plain", "strided", "grouped", "point", "head");
            assertThat(samples).as("one for each half of the grouped layer").hasSize(6);
            for (ReaderSample sample : samples) {
                double[] weights = task.model()
                        .parameters()
                        .get(sample.layer() + ".weight")
                        .doubles();
                Matrix output = outputs.get(sample.layer());
                int rows = sample.layer().equals("head") ? IMAGES : POSITIONS;
                assertThat(output.rows()).isEqualTo(rows);
                assertThat(sample.windows().rows()).isEqualTo(rows);
                requireEqual(sample, weights, output);
            }
        }
    }

    private static void requireEqual(ReaderSample sample, double[] weights, Matrix output) {
        int columns = sample.windows().columns();
        for (int row = 0; row < output.rows(); row++) {
            for (int o = sample.firstOutput(); o < sample.firstOutput() + sample.outputs(); o++) {
                double sum = 0;
                for (int d = 0; d < columns; d++) {
                    sum += sample.windows().get(row, d) * weights[o * columns + d];
                }
                assertThat(output.get(row, o)).as(sample.layer()).isCloseTo(sum, within(1e-9));
            }
        }
    }

    @Test
    void columnsBelongToTheChannelsThatAreReadThere() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = task(backend);
            Map<String, Tensor> gates = new TreeMap<>(ungated(task).gates());
            gates.put("plain", Tensor.of(backend, Shape.of(6), 1, 0, 1, 1, 0, 1));
            MaskedModel masked = new MaskedModel(task.groups(), task.model(), gates);

            ReaderSample sample = new ReaderSampler(task, SIZE)
                    .inputs(masked, task.groups().get("plain").readers())
                    .getFirst();

            int first = task.groups().get("plain").firstUnit();
            assertThat(sample.layer()).isEqualTo("strided");
            for (int d = 0; d < sample.units().length; d++) {
                double largest = 0;
                for (int row = 0; row < sample.windows().rows(); row++) {
                    largest = Math.max(largest, Math.abs(sample.windows().get(row, d)));
                }
                boolean gone = sample.units()[d] == first + 1 || sample.units()[d] == first + 4;
                assertThat(largest == 0).isEqualTo(gone);
            }
        }
    }

    /** By the logits it is probability minus label; by the inputs of the head that, times the head's weights. */
    @Test
    void gradientsByOutputsFollowTheChainRule() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = task(backend);
            // One position an image: rows of the head and of the layer before it are of the same images.
            ReaderSampler sampler = new ReaderSampler(task, new SampleSize(IMAGES, IMAGES, 1));

            Map<String, Matrix> gradients = sampler.outputGradients(task.model());

            Matrix byLogits = gradients.get("head");
            Matrix logits = sampler.outputs(task.model()).get("head");
            int[] images = task.sample(2000, IMAGES);
            for (int row = 0; row < IMAGES; row++) {
                double total = 0;
                for (int k = 0; k < 10; k++) {
                    total += Math.exp(logits.get(row, k) + bias(task, k));
                }
                int label = task.target().train().label(images[row]);
                for (int k = 0; k < 10; k++) {
                    double probability = Math.exp(logits.get(row, k) + bias(task, k)) / total;
                    assertThat(byLogits.get(row, k)).isCloseTo(probability - (k == label ? 1 : 0), within(1e-9));
                }
            }
            requireThroughHead(task, gradients);
        }
    }

    private static double bias(PruningTask task, int k) {
        return task.model().parameters().get("head.bias").doubles()[k];
    }

    /** The derivative at one place is one of those that the head's weights can make. */
    private static void requireThroughHead(PruningTask task, Map<String, Matrix> gradients) {
        double[] head = task.model().parameters().get("head.weight").doubles();
        Matrix byPoint = gradients.get("point");
        int features = head.length / 10;
        for (int row = 0; row < byPoint.rows(); row++) {
            int from = row;
            boolean found = false;
            for (int place = 0; place < features && !found; place += 3) {
                double[] expected = new double[3];
                for (int c = 0; c < 3; c++) {
                    for (int k = 0; k < 10; k++) {
                        expected[c] += gradients.get("head").get(from, k) * head[k * features + place + c];
                    }
                }
                found = Math.abs(expected[0] - byPoint.get(row, 0)) < 1e-9
                        && Math.abs(expected[1] - byPoint.get(row, 1)) < 1e-9
                        && Math.abs(expected[2] - byPoint.get(row, 2)) < 1e-9;
            }
            assertThat(found).isTrue();
        }
    }
}
