package io.stamp.engine.vector.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import jdk.incubator.vector.FloatVector;

/**
 * Guards a kernel against the cliffs of the just-in-time compiler: one whose vectors are boxed allocates megabytes a call and runs
 * at a twentieth to a hundredth of its speed. On one thread and some time after its first call a call has to allocate next to nothing,
 * whatever its size, and to reach a fraction of a plain loop. The best of many short rounds counts on either side, and rounds go on
 * until it does, so that a busy machine makes a test longer and not fail.
 *
 * @param yardstick the plain loop
 * @param work of a call in the unit of the yardstick
 * @param fraction of the plain loop's speed that will do: low enough for any machine, and far above a kernel with boxed vectors or sums in memory
 * @param bytes that a call may allocate
 */
public record SpeedGuard(String name, Yardstick yardstick, double work, double fraction, long bytes, Runnable call) {
    /** For convolutions and GEMMs, whose calls make some records and lists of offsets. */
    public static final long BYTES_OF_A_GEMM = 4096;

    /** For ops that run one or two jobs, each with its views and bodies. */
    public static final long BYTES_OF_AN_OP = 1024;

    /** For loops, which make nothing. */
    public static final long BYTES_OF_A_LOOP = 0;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int STEPS = 20_000;
    private static final long ROUND_NANOS = 2_000_000;
    private static final long WARM_UP_NANOS = 300_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What a kernel's speed is a fraction of. */
    enum Yardstick {
        /** Independent multiply-adds in registers; the unit is one operation, two a multiply-add. */
        ARITHMETIC {
            @Override
            double run() {
                assertThat(Float.isFinite(MultiplyAdds.run(STEPS))).isTrue();
                return MultiplyAdds.flops(STEPS);
            }
        },

        /** Vectors copied from one array to another in the second-level cache; the unit is one byte read or written. */
        COPY {
            @Override
            double run() {
                return 2.0 * Float.BYTES * copy();
            }
        };

        /** The highest rate so far, in units a nanosecond; the compiler has had time for the loop. */
        private double best;

        Yardstick() {
            measure(WARM_UP_NANOS);
        }

        /** Does some work and returns how much. */
        abstract double run();

        /** Runs for so long and keeps the highest rate. */
        void measure(long nanos) {
            long end = System.nanoTime() + nanos;
            long now;
            do {
                long start = System.nanoTime();
                double done = run();
                now = System.nanoTime();
                best = Math.max(best, done / (now - start));
            } while (now < end);
        }
    }

    public static SpeedGuard arithmetic(String name, double flops, double fraction, long bytes, Runnable call) {
        return new SpeedGuard(name, Yardstick.ARITHMETIC, flops, fraction, bytes, call);
    }

    /**
     * A kernel that does little arithmetic.
     *
     * @param floats that a call has to read or write, each counted once
     */
    public static SpeedGuard memory(String name, double floats, double fraction, long bytes, Runnable call) {
        return new SpeedGuard(name, Yardstick.COPY, Float.BYTES * floats, fraction, bytes, call);
    }

    @Override
    public String toString() {
        return name;
    }

    public void check() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        double best = 0;
        long least = Long.MAX_VALUE;
        do {
            yardstick.measure(ROUND_NANOS / 4);
            int calls = 0;
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            long now = start;
            while (now - start < ROUND_NANOS) {
                call.run();
                calls++;
                now = System.nanoTime();
            }
            least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - allocated) / calls);
            best = Math.max(best, work * calls / (now - start));
        } while ((best < fraction * yardstick.best || least > bytes) && System.nanoTime() < deadline);
        assertThat(least).as("bytes allocated by a call").isLessThanOrEqualTo(bytes);
        assertThat(best / yardstick.best).as("fraction of a plain loop").isGreaterThanOrEqualTo(fraction);
    }

    private static final float[] FROM = new float[1 << 15];
    private static final float[] TO = new float[1 << 15];

    private static int copy() {
        for (int i = 0; i < FROM.length; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, FROM, i).intoArray(TO, i);
        }
        return FROM.length;
    }
}
