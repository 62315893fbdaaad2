package io.stamp.bench.measure;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Waits until nothing in this process computes. Thread pools, OpenMP's above all, go on spinning for a while after their work is done,
 * and would take the processors from whoever is measured next. How long differs by library and settings, so the pause is not a fixed
 * time: it ends when the process has used next to no processor time during a whole window.
 */
public final class Quiet {
    private static final long WINDOW_NANOS = 20_000_000;

    /** Of one processor; a spinning thread uses 1, a JVM that idles well under 0.05. */
    private static final double IDLE_SHARE = 0.2;

    private static final int MOST_WINDOWS = 100;

    /** Waits for a while; an interruption only shortens the pause. */
    @FunctionalInterface
    interface Sleeper {
        void sleep(long nanos);
    }

    private final LongSupplier wallNanos;
    private final LongSupplier processorNanos;
    private final Sleeper sleeper;
    private int pauses;
    private int disturbed;

    public Quiet() {
        this(
                System::nanoTime,
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getProcessCpuTime,
                LockSupport::parkNanos);
    }

    Quiet(LongSupplier wallNanos, LongSupplier processorNanos, Sleeper sleeper) {
        this.wallNanos = wallNanos;
        this.processorNanos = processorNanos;
        this.sleeper = sleeper;
    }

    /** Returns when the process is quiet, or after {@value #MOST_WINDOWS} windows of 20 ms, which {@link #disturbed} counts. */
    public void await() {
        pauses++;
        for (int window = 0; window < MOST_WINDOWS; window++) {
            if (windowIsQuiet()) {
                return;
            }
        }
        disturbed++;
    }

    private boolean windowIsQuiet() {
        long start = wallNanos.getAsLong();
        long used = processorNanos.getAsLong();
        sleeper.sleep(WINDOW_NANOS);
        long elapsed = wallNanos.getAsLong() - start;
        return elapsed >= WINDOW_NANOS / 2 && processorNanos.getAsLong() - used < IDLE_SHARE * elapsed;
    }

    /** Pauses so far. */
    public int pauses() {
        return pauses;
    }

    /** Those in which the process never became quiet. */
    public int disturbed() {
        return disturbed;
    }
}
