package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.model.Models;
import io.stamp.tests.engine.Training;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training whole networks on the device: the same bits each time, and the losses of the vector backend. */
class CudaTrainingTest {
    private static final int STEPS = 3;

    /** On so few images, rounding errors grow by some hundred times a step; float32 and float64 then part as well. */
    private static final int COMPARED_STEPS = 2;

    private static final int BATCH = 3;
    private static final double WIDTH = 0.1;

    private record Result(List<Double> losses, List<float[]> values) {}

    @BeforeAll
    static void findTheFake() {
        FakeCuda.require();
    }

    private static Result train(String backendName, Network network) {
        try (Backend backend = Backends.open(backendName, 2);
                Scope _ = Scope.open()) {
            Training training = new Training(network, backend, BATCH);
            List<Double> losses = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                losses.add(training.step());
            }
            List<float[]> values = new ArrayList<>();
            training.parameters().tensors().stream().map(Tensor::floats).forEach(values::add);
            training.state().tensors().stream().map(Tensor::floats).forEach(values::add);
            return new Result(losses, values);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "mobilenet"})
    void theSameSeedGivesTheSameBitsAndTheLossesOfTheProcessor(String model) {
        Network network = Models.create(model, 10, WIDTH);
        Result first = train("cuda", network);
        Result second = train("cuda", network);
        assertThat(second.losses).isEqualTo(first.losses);
        for (int i = 0; i < first.values.size(); i++) {
            assertThat(second.values.get(i)).as("tensor " + i).isEqualTo(first.values.get(i));
        }
        Result expected = train("vector", network);
        for (int step = 0; step < COMPARED_STEPS; step++) {
            assertThat(first.losses.get(step))
                    .as("step " + step)
                    .isCloseTo(expected.losses.get(step), within(2e-3 * expected.losses.get(step)));
        }
    }
}
