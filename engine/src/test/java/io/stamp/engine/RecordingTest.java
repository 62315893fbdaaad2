package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.op.Exp;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.random.DrawCounter;
import io.stamp.engine.reference.ReferenceBackend;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a recorded step may do; {@code RecordedTrainingTest} of the whole system compares graphs with it. */
class RecordingTest {
    private final Backend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(backend.memory().liveBytes()).isZero();
        backend.close();
    }

    private static void runTwice(Recording recording) {
        recording.run();
        recording.run();
    }

    private void assertRefused(Supplier<List<Tensor>> step, String... words) {
        try (Recording recording = Recording.of(backend, step)) {
            assertThatThrownBy(() -> runTwice(recording))
                    .isInstanceOf(StampException.class)
                    .hasMessageContainingAll(words);
        }
    }

    @Test
    void eachRunSeesTheInputsOfThatMoment() {
        Input x = Input.of(backend, Shape.of(2));
        DrawCounter counter = new DrawCounter(backend, 0);
        try (Recording recording = Recording.of(backend, () -> {
            Tensor noise = Uniform.of(counter, Shape.of(2), 7, 1, 5);
            return List.of(Exp.of(x.tensor()), noise);
        })) {
            for (int i = 0; i < 4; i++) {
                x.set(i, -i);
                counter.set(100_000 * i);
                List<Tensor> results = recording.run();
                assertThat(results.get(0).doubles()).containsExactly(Math.exp(i), Math.exp(-i));
                assertThat(results.get(1).doubles())
                        .isEqualTo(Uniform.of(backend, Shape.of(2), 7, 1, 100_000 * i + 5)
                                .doubles());
            }
            assertThat(recording.isGraph()).isFalse();
        }
    }

    @Test
    void resultsLiveUntilTheNextRun() {
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
        Recording recording = Recording.of(backend, () -> List.of(Exp.of(x.times(2))));
        Tensor first = recording.run().getFirst();
        long live = backend.memory().liveBytes();
        Tensor second = recording.run().getFirst();
        assertThat(backend.memory().liveBytes()).isEqualTo(live);
        assertThatThrownBy(first::doubles).isInstanceOf(IllegalStateException.class);
        assertThat(second.doubles()).hasSize(3);
        recording.close();
        recording.close();
        assertThatThrownBy(second::doubles).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(recording::run).hasMessageContaining("closed");
    }

    @Test
    void readingIsRefusedAndNamesTheOp() {
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
        assertRefused(() -> List.of(x.times(Exp.of(x).sum().scalar())), "reads", "[]", "SumTo");
        assertRefused(
                () -> {
                    Exp.of(x).floats();
                    return List.of();
                },
                "reads",
                "[3]",
                "Exp");
    }

    @Test
    void inputsAreSetOutside() {
        Input x = Input.of(backend, Shape.of(2));
        assertRefused(
                () -> {
                    x.set(1, 2);
                    return List.of();
                },
                "sets an input");
        assertThatThrownBy(() -> x.set(1, 2, 3)).isInstanceOf(StampException.class);
        x.set(new float[] {3, 4});
        assertThat(x.tensor().doubles()).containsExactly(3, 4);
    }

    @Test
    void theSecondRunMakesTheSameCalls() {
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
        AtomicInteger runs = new AtomicInteger();
        assertRefused(() -> List.of(x.times(runs.incrementAndGet())), "Affine", "call number 1", "Input");
        assertRefused(() -> List.of(Tensor.of(backend, Shape.of(1), runs.incrementAndGet())), "values", "[1]");
        assertRefused(
                () -> List.of(runs.getAndIncrement() % 2 == 0 ? Exp.of(x) : Exp.of(Exp.of(x))), "was none and is Exp");
        runs.set(0);
        assertRefused(() -> List.of(runs.getAndIncrement() % 2 == 1 ? x : Exp.of(x)), "was Exp", "is none");
    }

    @Test
    void constantsOfAStepAreNoDifference() {
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
        try (Recording recording = Recording.of(
                backend,
                () -> List.of(Gather.of(x, 0, new int[] {2, 0}).plus(Tensor.filled(backend, Shape.of(2), 4))))) {
            assertThatCode(() -> runTwice(recording)).doesNotThrowAnyException();
        }
    }

    @Test
    void aFailedRunLeavesTheRecordingUsable() {
        AtomicInteger runs = new AtomicInteger();
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
        try (Recording recording = Recording.of(backend, () -> {
            Tensor y = Exp.of(x);
            if (runs.getAndIncrement() == 0) {
                throw new StampException("Not now.");
            }
            return List.of(y);
        })) {
            assertThatThrownBy(recording::run).hasMessage("Not now.");
            assertThatCode(() -> runTwice(recording)).doesNotThrowAnyException();
        }
    }

    @Test
    void recordingsAreNotNested() {
        try (Recording inner = Recording.of(backend, List::of)) {
            assertRefused(inner::run, "another recorded step");
        }
    }
}
