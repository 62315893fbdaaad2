package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.pruner.DiscriminationAware;
import io.stamp.method.reconstruction.GroupObjective;
import io.stamp.method.reconstruction.PrunedSoFar;
import io.stamp.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DiscriminationAwareTest {
    private static final int CHANNELS = 6;
    private static final int CLASSES = 10;

    /** One convolution that the head reads. */
    private static PruningTask single(ReferenceBackend backend, String... settings) {
        Network network = Network.of(
                "single",
                CLASSES,
                InputShape.DEFAULT,
                (forward, images) -> forward.linear(
                        "head",
                        forward.globalAveragePool(forward.conv("a", forward.maxPool(images, 8), CHANNELS, 3, 1)),
                        forward.classes()));
        return PruningWorld.task(Model.init(backend, network, 4), PruningWorld.BUDGET, 1)
                .withSettings(Settings.parse(List.of(settings)));
    }

    /**
     * With no channel the head puts out its bias. By its weights of channel j, the gradient of the halved mean squared error is then
     * {@code -sum_n y_no x_nj / (N O)}, y without the bias; that of the cross-entropy is {@code sum_n (softmax(bias) - label)_no x_nj / N}.
     */
    private static double[] norms(PruningTask task, double lambda) {
        int[] images = IntStream.range(0, task.target().train().size()).toArray();
        List<double[]> reads = new ArrayList<>();
        double[] logits = task.model()
                .forward(BatchNormMode.RUNNING, (layer, x) -> {
                    if (layer.equals("head")) {
                        reads.add(x.doubles());
                    }
                    return x;
                })
                .logits(task.images(images))
                .doubles();
        double[] bias = task.model().parameters().get("head.bias").doubles();
        double total = Arrays.stream(bias).map(Math::exp).sum();
        double[] norms = new double[CHANNELS];
        for (int j = 0; j < CHANNELS; j++) {
            for (int o = 0; o < CLASSES; o++) {
                double gradient = 0;
                for (int n = 0; n < images.length; n++) {
                    double error =
                            Math.exp(bias[o]) / total - (task.target().train().label(n) == o ? 1 : 0);
                    double output = logits[n * CLASSES + o] - bias[o];
                    gradient += reads.getFirst()[n * CHANNELS + j] * (lambda * error - output / CLASSES);
                }
                norms[j] += Math.pow(gradient / images.length, 2);
            }
        }
        return Arrays.stream(norms).map(Math::sqrt).toArray();
    }

    @Test
    void theFirstChannelsAreThoseWithTheLargestGradients() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            for (double lambda : new double[] {0, 1, 1000}) {
                PruningTask task =
                        single(backend, "dcp.rounds=1", "dcp.steps=0", "dcp.batch=7", "dcp.lambda=" + lambda);

                Pruned pruned = new DiscriminationAware().prune(task);

                double[] scores = pruned.scores().get("a");
                double[] norms = norms(task, lambda);
                double largest = Arrays.stream(norms).max().orElseThrow();
                List<Integer> order = IntStream.range(0, CHANNELS)
                        .boxed()
                        .sorted((i, j) -> Double.compare(norms[j], norms[i]))
                        .toList();
                int width = pruned.plan().orElseThrow().widths().get("a");
                assertThat(width).isLessThan(CHANNELS);
                for (int rank = 0; rank < CHANNELS; rank++) {
                    int channel = order.get(rank);
                    double expected = rank < width ? 1 + CHANNELS - rank : norms[channel] / largest;
                    assertThat(scores[channel])
                            .as("channel %d with lambda %s", channel, lambda)
                            .isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    @Test
    void whatIsInIsTrainedAndWhatIsOutIsZero() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = single(backend, "dcp.rounds=3", "dcp.steps=20", "dcp.lambda=0", "dcp.rate=0.01");
            double[] before = task.model().parameters().get("head.weight").doubles();

            Pruned pruned = new DiscriminationAware().prune(task);

            List<Integer> kept = pruned.plan().orElseThrow().kept().get("a");
            double[] plain = before.clone();
            IntStream.range(0, plain.length)
                    .filter(i -> !kept.contains(i % CHANNELS))
                    .forEach(i -> plain[i] = 0);
            double[] trained = pruned.start().parameters().get("head.weight").doubles();
            assertThat(IntStream.range(0, trained.length).filter(i -> !kept.contains(i % CHANNELS)))
                    .allMatch(i -> trained[i] == 0);
            assertThat(error(task, trained)).isLessThan(error(task, plain));
        }
    }

    /** Mean squared distance of the logits from what they were. */
    private static double error(PruningTask task, double[] head) {
        Tensor images = task.images(IntStream.range(0, 20).toArray());
        Model changed = task.model()
                .withHead(new Parameters(Map.of(
                        "head.weight",
                        Tensor.of(
                                task.model().backend(),
                                task.model().head().get("head.weight").shape(),
                                head),
                        "head.bias",
                        task.model().head().get("head.bias"))));
        Tensor error = changed.logits(images).minus(task.model().logits(images));
        return error.times(error).mean().scalar();
    }

    /**
     * With all channels and their own weights there is nothing to reconstruct. What is left is the loss of a classifier: an auxiliary one,
     * which does not know of the network's head, or, without a place for one, the network's own.
     */
    @Test
    void theClassificationLossIsThatOfTheNextClassifier() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            int[] images = task.sample(1, 40);
            Parameters otherHead = task.head().map(tensor -> tensor.times(3).plus(0.1));
            PruningTask other = new PruningTask(
                    task.model().withHead(otherHead),
                    task.groups(),
                    task.target(),
                    task.budget(),
                    task.seed(),
                    task.settings(),
                    List.of(),
                    task.reference(),
                    task.progress());

            double auxiliary = loss(task, images, List.of("stem", "inner", "top"));
            double own = loss(task, images, List.of("stem", "inner"));

            assertThat(auxiliary).as("better than guessing").isBetween(0.0, Math.log(CLASSES));
            assertThat(loss(other, images, List.of("stem", "inner", "top"))).isEqualTo(auxiliary);
            assertThat(own).isNotCloseTo(auxiliary, within(1e-3));
            assertThat(loss(other, images, List.of())).isNotCloseTo(own, within(1e-3));
            Model full = new PrunedSoFar(task).full();
            Tensor logits = full.logits(task.images(images));
            assertThat(own)
                    .isCloseTo(Layers.crossEntropy(logits, task.labels(images)).scalar(), within(1e-9));
        }
    }

    /** Of the group that the layer outer reads; top comes after it, stem and inner before. */
    private static double loss(PruningTask task, int[] images, List<String> places) {
        GroupObjective objective =
                new GroupObjective(task, new PrunedSoFar(task), task.groups().get("inner"), List.of(images), places, 1);
        return objective.loss(0, objective.weights()).scalar();
    }

    @Test
    void auxiliaryClassifiersChangeTheChoice() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            String most = "dcp.lambda=1000";

            double[] without = inner(task, most, "dcp.classifiers=0");
            double[] with = inner(task, most, "dcp.classifiers=2");

            assertThat(with).isNotEqualTo(without);
        }
    }

    private static double[] inner(PruningTask task, String... settings) {
        return new DiscriminationAware()
                .prune(task.withSettings(Settings.parse(List.of(settings))))
                .scores()
                .get("inner");
    }
}
