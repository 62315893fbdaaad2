package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapBackendTest {
    private static final long MEGABYTE = 1L << 20;

    @Test
    void anArrayOfTheSameSizeIsReused() {
        try (Backend backend = new ReferenceBackend()) {
            Object first = backend.allocate(100);
            backend.free(first, 100);
            assertThat(backend.memory()).isEqualTo(new Backend.MemoryUse(0, 800, 800));
            assertThat(backend.allocate(100)).isSameAs(first);
            assertThat(backend.memory()).isEqualTo(new Backend.MemoryUse(800, 800, 0));
        }
    }

    @Test
    void everChangingSizesDoNotFillTheHeap() {
        try (Backend backend = new ReferenceBackend()) {
            long pooled = 0;
            for (int i = 0; i < 1000; i++) {
                int elements = (int) MEGABYTE / 8 + i;
                backend.free(backend.allocate(elements), elements);
                pooled = Math.max(pooled, backend.memory().pooledBytes());
            }
            assertThat(pooled).isBetween(2 * MEGABYTE, 70 * MEGABYTE);
            assertThat(backend.memory().liveBytes()).isZero();
        }
    }

    /** Has room for a given number of elements, the pool included, as a small heap would. */
    private static final class Cramped extends HeapBackend<float[]> {
        private static final int ROOM = 100;

        private Cramped() {
            super(Float.BYTES);
        }

        @Override
        protected float[] newArray(int length) {
            MemoryUse use = memory();
            if ((use.liveBytes() + use.pooledBytes()) / Float.BYTES + length > ROOM) {
                throw new OutOfMemoryError("Java heap space");
            }
            return new float[length];
        }

        @Override
        protected int sizeClass(int length) {
            return length;
        }

        @Override
        public String name() {
            return "cramped";
        }

        @Override
        public String description() {
            return "allocates only";
        }

        @Override
        public Support supports(Class<?> opOrUpdate) {
            return new Support(false, description());
        }

        @Override
        public void execute(Op op, List<Tensor> inputs, Tensor output) {
            throw new UnsupportedOperationException(description());
        }

        @Override
        public void update(Update update, List<List<Tensor>> tuples) {
            throw new UnsupportedOperationException(description());
        }

        @Override
        public void write(Tensor tensor, double[] values) {
            throw new UnsupportedOperationException(description());
        }

        @Override
        public void write(Tensor tensor, float[] values, int offset) {
            throw new UnsupportedOperationException(description());
        }

        @Override
        public double[] readDoubles(Tensor tensor) {
            throw new UnsupportedOperationException(description());
        }

        @Override
        public float[] readFloats(Tensor tensor) {
            throw new UnsupportedOperationException(description());
        }

        @Override
        public void close() {
            trim();
        }
    }

    @Test
    void aFullHeapTakesFromThePoolFirst() {
        try (Backend backend = new Cramped()) {
            backend.free(backend.allocate(60), 60);

            assertThat(backend.allocate(70)).isInstanceOf(float[].class);

            assertThat(backend.memory()).isEqualTo(new Backend.MemoryUse(280, 280, 0));
        }
    }

    @Test
    void aFullHeapIsOneSentenceAndLeavesTheAccountRight() {
        try (Backend backend = new Cramped()) {
            Object held = backend.allocate(90);

            assertThatThrownBy(() -> backend.allocate(1 << 20))
                    .isInstanceOf(StampException.class)
                    .message()
                    .contains("4.0 MiB", "0.0 MiB of tensors", "cramped", "smaller batch", "-Xmx");

            assertThat(backend.memory()).isEqualTo(new Backend.MemoryUse(360, 360, 0));
            backend.free(held, 90);
            assertThat(backend.allocate(100)).isInstanceOf(float[].class);
        }
    }

    /** 16 GiB, more than the heap of a test. */
    @Test
    void aTensorBeyondTheRealHeapIsOneSentence() {
        try (Backend backend = new ReferenceBackend()) {
            assertThatThrownBy(() -> backend.allocate(Integer.MAX_VALUE - 64))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("The memory is full: a tensor of 16,384.0 MiB");
        }
    }
}
