package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Relu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory, staging, order and threads of the backend {@code cuda}, on the fake device that counts what is asked of it. */
class CudaBackendTest extends OnFakeCuda {
    /** Values in one section of the ring through which writes go. */
    private static final int SECTION = 1 << 20;

    private static float[] counting(int size, float from) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = from + i;
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, SECTION - 1, SECTION, 5 * SECTION + 7})
    void valuesOfAnySizeComeBackAlsoWhenTheArrayChangesAfterwards(int size) {
        try (Scope _ = Scope.open()) {
            float[] values = counting(size, 1);
            Tensor written = Tensor.of(backend, Shape.of(size), values);
            float[] expected = values.clone();
            Arrays.fill(values, -1);

            assertThat(Arrays.equals(written.floats(), expected)).isTrue();
            assertThat(written.doubles()[size - 1]).isEqualTo(size);
        }
    }

    @Test
    void manySmallAndLargeWritesInOneQueueKeepTheirValues() {
        try (Scope _ = Scope.open()) {
            List<Tensor> tensors = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                tensors.add(Tensor.scalar(backend, i));
                tensors.add(Tensor.of(backend, Shape.of(SECTION / 3), counting(SECTION / 3, i)));
            }
            for (int i = 0; i < 40; i++) {
                assertThat(tensors.get(2 * i).scalar()).isEqualTo(i);
                assertThat(Arrays.equals(tensors.get(2 * i + 1).floats(), counting(SECTION / 3, i)))
                        .isTrue();
            }
        }
    }

    @Test
    void opsWaitForNothingAndRepeatedOnesAskTheDriverForNoMemory() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(64, 64), counting(64 * 64, 0));
            step(x);
            long synchronisations = counter("synchronisations");
            long allocations = counter("allocation-calls");
            long pinned = counter("live-pinned");
            long handles = counter("live-handles");
            for (int i = 0; i < 100; i++) {
                step(x);
            }
            assertThat(counter("synchronisations")).isEqualTo(synchronisations);
            assertThat(counter("allocation-calls")).isEqualTo(allocations);
            assertThat(counter("live-pinned")).isEqualTo(pinned);
            assertThat(counter("live-handles")).isEqualTo(handles);
        }
    }

    private static void step(Tensor x) {
        try (Scope _ = Scope.open()) {
            Relu.of(x.matmul(x).plus(1)).sum();
        }
    }

    @Test
    void closingGivesEverythingBackAlsoWithTensorsInUse() {
        long allocations = counter("live-allocations");
        long pinned = counter("live-pinned");
        long handles = counter("live-handles");
        try (Scope _ = Scope.open()) {
            Backend second = Backends.open("cuda", 1);
            Tensor x = Tensor.of(second, Shape.of(8, 8), counting(64, 0));
            x.matmul(x);
            assertThat(counter("live-allocations")).isGreaterThan(allocations);

            second.close();

            assertThat(counter("live-allocations")).isEqualTo(allocations);
            assertThat(counter("live-pinned")).isEqualTo(pinned);
            assertThat(counter("live-handles")).isEqualTo(handles);
            assertThatThrownBy(x::floats).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aLaterBackendFindsTheContextWithTheKernelsThatLibrariesHaveLoaded() {
        long contexts = counter("contexts");
        for (int i = 0; i < 2; i++) {
            backend.close();
            backend = Backends.open("cuda", 1);
        }
        assertThat(counter("contexts")).isEqualTo(contexts);
    }

    @Test
    void theAccountOfLiveBytesFollowsTheScopes() {
        assertThat(backend.memory().liveBytes()).isZero();
        try (Scope _ = Scope.open()) {
            Tensor.empty(backend, Shape.of(1024));
            assertThat(backend.memory().liveBytes()).isEqualTo(4096);
            try (Scope _ = Scope.open()) {
                Tensor.empty(backend, Shape.of(2048));
                assertThat(backend.memory().liveBytes()).isEqualTo(3 * 4096);
            }
            assertThat(backend.memory().liveBytes()).isEqualTo(4096);
        }
        assertThat(backend.memory().liveBytes()).isZero();
        assertThat(backend.memory().peakBytes()).isEqualTo(3 * 4096);
        assertThat(backend.memory().pooledBytes()).isPositive();
    }

    @Test
    void aFullDeviceIsASentenceThatNamesTheOpsAndTheBackendGoesOn() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.empty(backend, Shape.of(5 << 20));
            Tensor y = x.plus(1);
            inject("allocation", 0);
            assertThatThrownBy(() -> Tensor.empty(backend, Shape.of(20 << 20)))
                    .isInstanceOf(StampException.class)
                    .hasMessageStartingWith(
                            "The memory of the device is full: 80.0 MiB for Tensor.empty do not fit beside the")
                    .hasMessageContaining("20.0 MiB in 1 array of Affine")
                    .hasMessageContaining("20.0 MiB in 1 array of Tensor.empty");
            inject("allocation", -1);
            assertThat(Tensor.empty(backend, Shape.of(20 << 20)).shape().size()).isEqualTo(20 << 20);
            assertThat(y.shape()).isEqualTo(x.shape());
        }
    }

    @Test
    void aRefusedLaunchNamesTheOpTheShapesAndTheKernel() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(3, 5), counting(15, -7));
            inject("launch", 0);
            assertThatThrownBy(() -> Relu.of(x))
                    .isInstanceOf(StampException.class)
                    .hasMessageStartingWith("Relu on [[3, 5]]: cuLaunchKernel(")
                    .hasMessageContaining("blocks of 256x1 threads")
                    .hasMessageContaining("CUDA_ERROR_");
            inject("launch", -1);
            assertThat(Relu.of(x).floats()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    @Test
    void anotherThreadMayUseTheSameBackend() throws InterruptedException {
        List<Object> seen = new ArrayList<>();
        Thread other = new Thread(() -> {
            try (Scope _ = Scope.open()) {
                seen.add(Tensor.of(backend, Shape.of(2), 1, 2).plus(1).floats());
            }
        });
        other.start();
        other.join();
        assertThat(seen).hasSize(1);
        assertThat((float[]) seen.getFirst()).containsExactly(2, 3);
    }

    @Test
    void theDescriptionTellsDeviceDriverAndLibraries() {
        assertThat(backend.description())
                .startsWith("fake CUDA device (sm_90, ")
                .contains("driver for CUDA ", "cuBLAS 1", "cuDNN 9.", "strict");
    }
}
