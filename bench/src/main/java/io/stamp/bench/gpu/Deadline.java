package io.stamp.bench.gpu;

import java.time.Duration;

/** When the run has to be over, by {@link System#nanoTime}. */
record Deadline(long start, long end) {
    static Deadline in(Duration time) {
        long now = System.nanoTime();
        return new Deadline(now, now + time.toNanos());
    }

    double secondsLeft() {
        return (end - System.nanoTime()) * 1e-9;
    }

    double secondsSoFar() {
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Whether something that takes so long still fits. */
    boolean allows(double seconds) {
        return secondsLeft() > seconds;
    }
}
