package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.tests.engine.Training;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the device sees of a long training: no growth, no allocations after the first steps, and nothing left. */
class CudaMemoryTest {
    private static final int BATCH = 4;
    private static final int WARM_UP = 3;
    private static final int STEPS = 1000;

    private static NativeCalls driver;

    @BeforeAll
    static void findTheFake() {
        FakeCuda.require();
        driver = new NativeCalls(FakeCuda.libraries().resolve("libcuda.so.1"));
    }

    private static long counter(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return driver.callLong("fakeCudaCounter", arena.allocateFrom(name));
        }
    }

    @Test
    void aThousandStepsAskForNoMemoryAndLeaveNone() {
        long allocations = counter("live-allocations");
        long pinned = counter("live-pinned");
        long handles = counter("live-handles");
        try (Backend backend = Backends.open("cuda", 1)) {
            try (Scope _ = Scope.open()) {
                Training training = new Training(Training.smallNetwork(), backend, BATCH);
                for (int i = 0; i < WARM_UP; i++) {
                    training.step();
                }
                long calls = counter("allocation-calls");
                long bytes = counter("live-bytes");
                long launches = counter("launches");
                long live = backend.memory().liveBytes();
                double loss = 0;
                for (int i = 0; i < STEPS; i++) {
                    loss = training.step();
                    assertThat(backend.memory().liveBytes()).isEqualTo(live);
                }
                assertThat(loss).isFinite();
                assertThat(counter("launches")).isGreaterThanOrEqualTo(launches + STEPS);
                assertThat(counter("allocation-calls")).isEqualTo(calls);
                assertThat(counter("live-bytes")).isEqualTo(bytes);
            }
            assertThat(backend.memory().liveBytes()).isZero();
        }
        assertThat(counter("live-allocations")).isEqualTo(allocations);
        assertThat(counter("live-pinned")).isEqualTo(pinned);
        assertThat(counter("live-handles")).isEqualTo(handles);
    }
}
