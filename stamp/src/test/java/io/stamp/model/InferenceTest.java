package io.stamp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Relu;
import io.stamp.engine.random.RandomStream;
import io.stamp.engine.trace.TraceBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InferenceTest {
    /** Values that a trained model might have: scales, shifts and moments that are not 1 and 0. */
    private static Model trained(Backend backend, Network network) {
        Model model = Model.init(backend, network, 3);
        RandomStream random = new RandomStream(5, 1);
        Parameters parameters = model.parameters()
                .mapNamed((name, tensor) -> name.endsWith(".weight")
                        ? tensor
                        : values(backend, tensor.shape(), () -> 0.5 + random.nextUniform()));
        Parameters state =
                model.state().map(tensor -> values(backend, tensor.shape(), () -> 0.2 + random.nextUniform()));
        return new Model(network, parameters, state);
    }

    private static Tensor values(Backend backend, Shape shape, java.util.function.DoubleSupplier next) {
        double[] values = new double[shape.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = next.getAsDouble();
        }
        return Tensor.of(backend, shape, values);
    }

    private static Tensor images(Backend backend, int count) {
        RandomStream random = new RandomStream(7, 2);
        return values(backend, Shape.of(count, 32, 32, 3), random::nextGaussian);
    }

    @ParameterizedTest
    @CsvSource({
        "reference, resnet20, 0.3, 1e-12",
        "reference, mobilenet, 0.1, 1e-12",
        "vector, resnet20, 0.4, 1e-4",
        "vector, resnet18, 0.3, 1e-4",
        "vector, vgg19, 0.3, 1e-4",
        "vector, mobilenet, 0.3, 1e-4"
    })
    void answersWhatTheNetworkAnswers(String backendName, String model, double width, double tolerance) {
        try (Backend backend = Backends.open(backendName, 2);
                Scope _ = Scope.open()) {
            Model full = trained(backend, Models.create(model, 10, width));
            Inference inference = full.inference();
            for (int count : new int[] {1, 3}) {
                Tensor images = images(backend, count);
                double[] expected = full.logits(images).doubles();
                double[] logits = inference.logits(images).doubles();
                double largest = 0;
                for (double value : expected) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertThat(logits).containsExactly(expected, within(tolerance * largest));
            }
        }
    }

    @Test
    void whatIsReadTwiceOrOutOfOrderIsNotFused() {
        Network network = Network.of("own", 3, InputShape.DEFAULT, (forward, images) -> {
            Tensor x = forward.conv("first", images, 5, 3, 2);
            Tensor y = forward.batchNorm("norm", x, false);
            Tensor sum = y.plus(x).plus(y);
            Tensor twice = forward.batchNorm("again", sum, true).plus(sum);
            return forward.linear("head", forward.globalAveragePool(forward.maxPool(twice, 2)), 3);
        });
        try (Backend backend = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            Model model = trained(backend, network);
            Tensor images = images(backend, 2);
            assertThat(model.inference().logits(images).doubles())
                    .containsExactly(model.logits(images).doubles(), within(1e-12));
        }
    }

    @Test
    void laterChangesOfTheModelDoNotReachIt() {
        Network network = Network.of("own", 3, InputShape.DEFAULT, (forward, images) -> {
            Tensor bare = forward.conv("first", images, 5, 3, 2);
            Tensor joined = forward.batchNorm("norm", forward.conv("second", bare, 5, 3, 1), true);
            Tensor alone = forward.batchNorm("again", forward.maxPool(joined, 2), false);
            return forward.linear("head", forward.globalAveragePool(alone), 3);
        });
        try (Backend backend = Backends.open("vector", 1);
                Scope _ = Scope.open()) {
            Model model = trained(backend, network);
            Tensor images = images(backend, 2);
            Inference inference = model.inference();
            double[] before = inference.logits(images).doubles();

            for (Tensor tensor : model.parameters().and(model.state()).tensors()) {
                double[] doubled = tensor.times(2).doubles();
                backend.write(tensor, doubled);
            }

            assertThat(model.logits(images).doubles()).isNotEqualTo(before);
            assertThat(inference.logits(images).doubles()).isEqualTo(before);
        }
    }

    @Test
    void logitsThatALayerReadsAreAnsweredAllTheSame() {
        Network network = Network.of("own", 3, InputShape.DEFAULT, (forward, images) -> {
            Tensor logits = forward.linear("head", forward.globalAveragePool(images), 3);
            Relu.of(logits);
            return logits;
        });
        try (Backend backend = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            Model model = trained(backend, network);
            Tensor images = images(backend, 2);
            assertThat(model.inference().logits(images).doubles())
                    .isEqualTo(model.logits(images).doubles());
        }
    }

    @Test
    void aResidualNetworkIsOneOpForEachConvolution() {
        try (TraceBackend trace = new TraceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(trace, Models.create("resnet20", 10, 1), 1);
            Inference inference = model.inference();
            int prepared = trace.calls().size();
            inference.logits(Tensor.empty(trace, Shape.of(1, 32, 32, 3)));
            assertThat(trace.calls().stream()
                            .skip(prepared)
                            .map(call -> call.op().name())
                            .filter(name -> !name.equals("FusedConv2d")))
                    .containsExactly("SumTo", "Affine", "Reshape", "MatMul", "Add");
        }
    }

    @Test
    void leavesNothingBehind() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            Inference inference =
                    Model.init(backend, Models.create("resnet20", 10, 0.3), 1).inference();
            Tensor images = images(backend, 2);
            long before = backend.memory().liveBytes();
            for (int i = 0; i < 3; i++) {
                try (Scope _ = Scope.open()) {
                    inference.logits(images);
                }
            }
            assertThat(backend.memory().liveBytes()).isEqualTo(before);
        }
    }
}
