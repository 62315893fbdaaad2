package io.stamp.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuietTest {
    private static final long MILLISECOND = 1_000_000;

    private long wall;
    private long used;
    private long spinsUntil;

    /** A process in which one thread spins until a moment. */
    private Quiet quiet() {
        return new Quiet(() -> wall, () -> used, nanos -> {
            used += Math.clamp(spinsUntil - wall, 0, nanos);
            wall += nanos;
        });
    }

    @Test
    void aProcessThatIsQuietIsFoundSoAfterOneWindow() {
        Quiet quiet = quiet();

        quiet.await();

        assertThat(wall).isEqualTo(20 * MILLISECOND);
        assertThat(quiet.pauses()).isEqualTo(1);
        assertThat(quiet.disturbed()).isZero();
    }

    @Test
    void spinningThreadsAreWaitedFor() {
        spinsUntil = 250 * MILLISECOND;

        Quiet quiet = quiet();
        quiet.await();

        assertThat(wall).isBetween(250 * MILLISECOND, 280 * MILLISECOND);
        assertThat(quiet.disturbed()).isZero();
    }

    @Test
    void whoeverNeverRestsIsCounted() {
        spinsUntil = Long.MAX_VALUE;

        Quiet quiet = quiet();
        quiet.await();

        assertThat(wall).isEqualTo(2000 * MILLISECOND);
        assertThat(quiet.disturbed()).isEqualTo(1);
    }

    @Test
    void theRealClocksWork() {
        Quiet quiet = new Quiet();

        quiet.await();

        assertThat(quiet.pauses()).isEqualTo(1);
    }
}
