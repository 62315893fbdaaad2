package io.stamp.engine.vector.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyTaskRunsOnceInManyJobs(int threads) {
        try (Workers workers = new Workers(threads)) {
            for (int job = 0; job < 2000; job++) {
                int tasks = job % 37;
                AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
                workers.parallel(tasks, (task, scratch) -> runs.incrementAndGet(task));
                for (int task = 0; task < tasks; task++) {
                    assertThat(runs.get(task)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void sleepingThreadsWakeUp() throws InterruptedException {
        try (Workers workers = new Workers(3)) {
            for (int job = 0; job < 5; job++) {
                CountDownLatch together = new CountDownLatch(3);
                workers.parallel(3, (task, scratch) -> {
                    together.countDown();
                    await(together);
                });
                Thread.sleep(Duration.ofMillis(20));
            }
        }
    }

    /** Whichever thread the waiting task falls to, the other one does the rest, from the end of both parts. */
    @ParameterizedTest
    @ValueSource(ints = {0, 9})
    void whoIsDoneTakesTheTasksOfOthers(int waiting) {
        try (Workers workers = new Workers(2)) {
            CountDownLatch others = new CountDownLatch(9);
            workers.parallel(10, (task, scratch) -> {
                if (task == waiting) {
                    await(others);
                } else {
                    others.countDown();
                }
            });
            assertThat(others.getCount()).isZero();
        }
    }

    @Test
    void theCallerWaitsForSlowTasks() {
        try (Workers workers = new Workers(2)) {
            AtomicInteger done = new AtomicInteger();
            workers.parallel(2, (task, scratch) -> {
                if (!"main".equals(Thread.currentThread().getName())) {
                    LockSupport.parkNanos(20_000_000);
                }
                done.incrementAndGet();
            });
            assertThat(done.get()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theExceptionOfATaskReachesTheCallerAndTheTeamLivesOn(int threads) {
        try (Workers workers = new Workers(threads)) {
            assertThatThrownBy(() -> workers.parallel(10, (task, scratch) -> {
                        if (task == 7) {
                            throw new StampException("seven");
                        }
                    }))
                    .isInstanceOf(StampException.class)
                    .hasMessage("seven");
            AtomicInteger runs = new AtomicInteger();
            workers.parallel(10, (task, scratch) -> runs.incrementAndGet());
            assertThat(runs.get()).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aJobInsideATaskIsRefused(int threads) {
        try (Workers workers = new Workers(threads)) {
            assertThatThrownBy(() -> workers.parallel(
                            4, (task, scratch) -> workers.parallel(2, (innerTask, innerScratch) -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not from inside a task");
        }
    }

    @Test
    void scratchBelongsToTheThreadAndGrows() {
        Slot slot = new Slot();
        try (Workers workers = new Workers(2)) {
            Set<float[]> buffers = ConcurrentHashMap.newKeySet();
            CountDownLatch together = new CountDownLatch(2);
            workers.parallel(2, (task, scratch) -> {
                together.countDown();
                await(together);
                float[] buffer = scratch.floats(slot, 100);
                assertThat(scratch.floats(slot, 50)).isSameAs(buffer);
                assertThat(scratch.floats(new Slot(), 7)).hasSize(7);
                buffers.add(buffer);
            });
            assertThat(buffers).hasSize(2);
        }
    }

    @Test
    void wrongUseIsNamed() {
        assertThatThrownBy(() -> new Workers(0))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("1 or more");
        Workers closed = new Workers(2);
        closed.close();
        assertThatThrownBy(() -> closed.parallel(1, (task, scratch) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        try (Workers workers = new Workers(1)) {
            assertThatThrownBy(() -> workers.parallel(-1, (task, scratch) -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
