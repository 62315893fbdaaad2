package io.stamp.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.Relu;
import io.stamp.tests.cuda.FakeCuda;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory belongs to scopes: nothing leaks, and what is gone says so. */
class MemoryTest {
    private static final int BATCH = 4;

    /** With the device where it can be faked. */
    static List<String> backends() {
        FakeCuda.installUnlessReal();
        return Backends.providers().stream()
                .filter(provider -> provider.available().supported())
                .map(BackendProvider::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aThousandStepsLeaveNothingBehind(String name) {
        try (Backend backend = Backends.open(name, 2)) {
            try (Scope _ = Scope.open()) {
                Training training = new Training(Training.smallNetwork(), backend, BATCH);
                training.step();
                long live = backend.memory().liveBytes();
                long peak = backend.memory().peakBytes();
                long pooled = backend.memory().pooledBytes();
                assertThat(live).isPositive();
                for (int i = 0; i < 1000; i++) {
                    training.step();
                    assertThat(backend.memory().liveBytes()).isEqualTo(live);
                }
                assertThat(backend.memory().peakBytes()).isEqualTo(peak);
                assertThat(backend.memory().pooledBytes()).isEqualTo(pooled);
            }
            assertThat(backend.memory().liveBytes()).isZero();
        }
    }

    @Test
    void usingAClosedTensorNamesTheOpThatMadeIt() {
        try (Backend backend = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            Tensor kept;
            try (Scope _ = Scope.open()) {
                kept = Exp.of(Tensor.of(backend, Shape.of(3), 1, 2, 3));
            }
            assertThatThrownBy(kept::doubles)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Exp")
                    .hasMessageContaining("[3]");
            assertThatThrownBy(() -> Relu.of(kept)).hasMessageContaining("Exp");
        }
    }

    @Test
    void aLossCanBeDifferentiatedOnce() {
        try (Backend backend = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3).leaf();
            Tensor loss = Exp.of(x).sum();
            Autograd.gradients(loss, List.of(x));
            assertThatThrownBy(() -> Autograd.gradients(loss, List.of(x)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("released");
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void firstOrderInnerLoopsNeedTheSameMemoryForAnyNumberOfSteps(String backend) {
        long two = peakOfInnerLoop(backend, 2, false);
        assertThat(peakOfInnerLoop(backend, 4, false)).isEqualTo(two);
        assertThat(peakOfInnerLoop(backend, 16, false)).isEqualTo(two);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void secondOrderInnerLoopsNeedMemoryForEveryStep(String backend) {
        double four = peakOfInnerLoop(backend, 4, true);
        double eight = peakOfInnerLoop(backend, 8, true);
        double sixteen = peakOfInnerLoop(backend, 16, true);
        assertThat((sixteen - eight) / (eight - four)).isCloseTo(2, within(0.1));
        assertThat(eight).isGreaterThan(1.5 * four);
    }

    /** Peak bytes of some gradient steps on a parameter, through which the final loss is differentiated if asked. */
    private static long peakOfInnerLoop(String name, int steps, boolean createGraph) {
        try (Backend backend = Backends.open(name, 1);
                Scope _ = Scope.open()) {
            Tensor start = Tensor.filled(backend, Shape.of(17, 1000), 0.01).leaf();
            Tensor parameter = start.alias();
            for (int i = 0; i < steps; i++) {
                Tensor before = parameter;
                try (Scope step = Scope.open()) {
                    Tensor point = createGraph ? before : before.detach().leaf();
                    Tensor gradient = Autograd.gradients(loss(point), List.of(point), createGraph)
                            .getFirst();
                    parameter = step.keep(point.minus(gradient.times(0.1)));
                }
                before.close();
            }
            if (createGraph) {
                Autograd.gradients(loss(parameter), List.of(start));
            }
            return backend.memory().peakBytes();
        }
    }

    private static Tensor loss(Tensor x) {
        return Exp.of(x.times(x)).sum();
    }
}
