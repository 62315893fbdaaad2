package io.stamp.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Models;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same seed gives the same bits: for any number of threads, and before and after the code was compiled. */
class DeterminismTest {
    private static final int STEPS = 3;
    private static final int BATCH = 9;

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "mobilenet"})
    void anyNumberOfThreadsGivesTheSameBits(String model) {
        List<float[]> one = train(model, 1);
        for (int threads = 2; threads <= 3; threads++) {
            assertSameBits(train(model, threads), one, threads + " threads");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "vgg19"})
    void compilingChangesNoBits(String model) {
        List<float[]> first = train(model, 2);
        for (int run = 1; run <= 12; run++) {
            assertSameBits(train(model, 2), first, "run " + run);
        }
    }

    private static void assertSameBits(List<float[]> actual, List<float[]> expected, String what) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).as("%s, tensor %d", what, i).isEqualTo(expected.get(i));
        }
    }

    /** Parameters and state after some steps. */
    private static List<float[]> train(String model, int threads) {
        try (Backend backend = Backends.open("vector", threads);
                Scope _ = Scope.open()) {
            Training training = new Training(Models.create(model, 10, 0.3), backend, BATCH);
            List<float[]> values = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                double loss = training.step();
                assertThat(loss).isFinite();
                values.add(new float[] {(float) loss});
            }
            for (Parameters part : List.of(training.parameters(), training.state())) {
                values.addAll(part.tensors().stream().map(Tensor::floats).toList());
            }
            return values;
        }
    }
}
