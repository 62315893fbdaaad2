package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.reference.ReferenceBackend;
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
}
