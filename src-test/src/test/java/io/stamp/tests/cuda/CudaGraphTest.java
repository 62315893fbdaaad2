package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Exp;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Relu;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captured steps on the fake device, which counts what is asked of it, poisons new memory and checks every access. */
class CudaGraphTest extends OnFakeCuda {
    private static final int REPLAYS = 1000;
    private static final Shape MATRIX = Shape.of(16, 16);

    /** Something that needs memory, constants, indices and a library. */
    private static List<Tensor> work(Tensor x) {
        Tensor leaf = x.leaf();
        Tensor product = Relu.of(leaf.matmul(leaf).plus(1));
        Tensor picked = Gather.of(product, 0, new int[] {3, 1, 3});
        Tensor first = Autograd.gradients(picked.sum(), List.of(leaf)).getFirst();
        Tensor again = x.leaf();
        Tensor second = Autograd.gradients(Exp.of(again.times(0.1)).mean(), List.of(again))
                .getFirst();
        return List.of(first.plus(second), product.plus(Tensor.filled(x.backend(), Shape.of(16), 3)));
    }

    private static void set(Input x, int run) {
        float[] values = new float[MATRIX.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i + 0.1 * run);
        }
        x.set(values);
    }

    private static List<float[]> values(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::floats).toList();
    }

    private static List<float[]> eager(Input x) {
        try (Scope _ = Scope.open()) {
            return values(work(x.tensor()));
        }
    }

    private static void assertEagerValues(Input x, List<Tensor> results) {
        List<float[]> expected = eager(x);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(results.get(i).floats()).isEqualTo(expected.get(i));
        }
    }

    @Test
    void aThousandReplaysAskForNothingAndGiveTheEagerValues() {
        Input x = Input.of(backend, MATRIX);
        try (Recording recording = Recording.of(backend, () -> work(x.tensor()))) {
            for (int i = 0; i < 3; i++) {
                set(x, i);
                assertEagerValues(x, recording.run());
            }
            assertThat(recording.isGraph()).isTrue();
            long live = backend.memory().liveBytes();
            long allocations = counter("allocation-calls");
            long launches = counter("launches");
            long graphs = counter("graph-launches");
            long waits = counter("synchronisations");
            List<Tensor> results = List.of();
            for (int i = 0; i < REPLAYS; i++) {
                set(x, i);
                results = recording.run();
                assertThat(backend.memory().liveBytes()).isEqualTo(live);
            }
            assertThat(counter("graph-launches")).isEqualTo(graphs + REPLAYS);
            assertThat(counter("launches")).isEqualTo(launches);
            assertThat(counter("allocation-calls")).isEqualTo(allocations);
            assertThat(counter("synchronisations")).isEqualTo(waits);
            assertEagerValues(x, results);
        }
    }

    @Test
    void aClosedGraphGivesItsMemoryAndHandlesBack() {
        Input x = Input.of(backend, MATRIX);
        set(x, 0);
        eager(x);
        long live = backend.memory().liveBytes();
        long bytes = counter("live-bytes");
        long handles = counter("live-handles");
        for (int i = 0; i < 3; i++) {
            try (Recording recording = Recording.of(backend, () -> work(x.tensor()))) {
                recording.run();
                recording.run();
                assertThat(backend.memory().liveBytes()).isGreaterThan(live);
                assertThat(counter("live-bytes")).isGreaterThan(bytes);
            }
            assertThat(backend.memory().liveBytes()).isEqualTo(live);
            assertThat(counter("live-bytes")).isEqualTo(bytes);
            assertThat(counter("live-handles")).isEqualTo(handles);
        }
    }

    @Test
    void whatAGraphUsesStaysAlsoWhenItsOwnerFreesIt() {
        float[] expected;
        Recording first;
        Recording second;
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.filled(backend, MATRIX, 2);
            first = Recording.of(backend, () -> List.of(x.plus(1)));
            second = Recording.of(backend, () -> List.of(x.times(3)));
            for (int i = 0; i < 2; i++) {
                first.run();
                second.run();
            }
            expected = second.run().getFirst().floats();
        }
        try (Scope _ = Scope.open()) {
            for (int i = 0; i < 50; i++) {
                Tensor.filled(backend, MATRIX, -i);
            }
            first.close();
            for (int i = 0; i < 50; i++) {
                Tensor.filled(backend, MATRIX, -i);
            }
            assertThat(second.run().getFirst().floats()).isEqualTo(expected);
        }
        second.close();
    }

    @Test
    void aStepThatReadsIsRefusedAndTheBackendGoesOn() {
        Input x = Input.of(backend, MATRIX);
        set(x, 1);
        boolean[] reads = {false};
        try (Recording recording = Recording.of(backend, () -> {
            List<Tensor> results = work(x.tensor());
            if (reads[0]) {
                results.getFirst().floats();
            }
            return results;
        })) {
            recording.run();
            reads[0] = true;
            assertThatThrownBy(recording::run)
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("reads the values of a tensor of the shape [16, 16] made by Add");
            reads[0] = false;
            assertEagerValues(x, recording.run());
            assertThat(recording.isGraph()).isTrue();
        }
        try (Recording recording = Recording.of(
                backend, () -> List.of(x.tensor().plus(x.tensor().sum().scalar())))) {
            assertThatThrownBy(recording::run)
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("reads the values of a tensor of the shape [] made by SumTo");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"launch:0", "launch:4", "allocation:0"})
    void aFailedCaptureIsASentenceAndLeavesNothing(String fault) {
        Input x = Input.of(backend, MATRIX);
        set(x, 1);
        String name = fault.substring(0, fault.indexOf(':'));
        try (Recording recording = Recording.of(backend, () -> work(x.tensor()))) {
            recording.run();
            long bytes = counter("live-bytes");
            inject(name, Long.parseLong(fault.substring(name.length() + 1)));
            assertThatThrownBy(recording::run).isInstanceOf(StampException.class);
            inject(name, -1);
            assertThat(recording.isGraph()).isFalse();
            assertThat(counter("live-bytes")).isEqualTo(bytes);
            assertEagerValues(x, recording.run());
            assertThat(recording.isGraph()).isTrue();
        }
    }

    @Test
    void anotherThreadsWorkIsNoPartOfAGraph() throws InterruptedException {
        Input x = Input.of(backend, MATRIX);
        set(x, 1);
        List<float[]> seen = new ArrayList<>();
        Thread other = new Thread(() -> {
            try (Scope _ = Scope.open()) {
                seen.add(Tensor.of(backend, Shape.of(2), 1, 2).plus(1).floats());
            }
        });
        int[] runs = {0};
        try (Recording recording = Recording.of(backend, () -> {
            if (runs[0]++ == 1) {
                other.start();
            }
            return work(x.tensor());
        })) {
            recording.run();
            assertEagerValues(x, recording.run());
            other.join();
            assertThat(seen.getFirst()).containsExactly(2, 3);
        }
    }

    @Test
    void closingTheBackendClosesItsGraphs() {
        long allocations = counter("live-allocations");
        long handles = counter("live-handles");
        try (Scope _ = Scope.open()) {
            Backend second = Backends.open("cuda", 1);
            Tensor x = Tensor.filled(second, MATRIX, 1);
            Recording recording = Recording.of(second, () -> work(x));
            recording.run();
            recording.run();
            second.close();
            assertThat(counter("live-allocations")).isEqualTo(allocations);
            assertThat(counter("live-handles")).isEqualTo(handles);
            assertThatThrownBy(recording::run).hasMessageContaining("closed");
            recording.close();
        }
    }
}
