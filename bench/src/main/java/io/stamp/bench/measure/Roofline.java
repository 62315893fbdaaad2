package io.stamp.bench.measure;

import com.sun.management.ThreadMXBean;
import io.stamp.engine.vector.runtime.MultiplyAdds;
import io.stamp.engine.vector.runtime.Workers;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * The fastest that this machine can be right now (Williams, Waterman and Patterson, "Roofline: An Insightful Visual Performance Model
 * for Multicore Architectures", 2009): by a loop of multiply-adds in registers and by copying memory, on all threads at once.
 *
 * @param flopsPerSecond a multiply-add counts as two
 * @param bytesPerSecond bytes read and bytes written together, in memory as near as the data fit
 */
public record Roofline(double flopsPerSecond, double bytesPerSecond) {
    /** Long enough to find a moment in which nothing else runs. */
    private static final long NANOS_EACH = 300_000_000;

    private static final long LONGEST_COMPILATION = 20_000_000_000L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int FMA_STEPS = 20_000;

    /** A copy is repeated until it has moved so much, so that starting the threads costs nothing. */
    private static final long BYTES_A_ROUND = 1 << 24;

    private static final long SMALLEST = 1 << 14;
    private static final long LARGEST = 1 << 28;

    /**
     * Measures for about a second.
     *
     * @param threads that compute at once
     * @param workingSet bytes that the work to compare with touches: it decides whether caches or main memory are copied
     */
    public static Roofline measure(int threads, double workingSet) {
        try (Workers workers = new Workers(threads)) {
            return new Roofline(fmaRate(workers), copyRate(workers, workingSet));
        }
    }

    /** The shortest time for so much work, in seconds. */
    public double seconds(double flops, double bytes) {
        return Math.max(flops / flopsPerSecond, bytes / bytesPerSecond);
    }

    private static double fmaRate(Workers workers) {
        awaitFastMultiplyAdds();
        float[] results = new float[workers.threads()];
        Workers.Body multiplyAdds = (task, _) -> results[task] = MultiplyAdds.run(FMA_STEPS);
        double rate = bestRate(
                () -> workers.parallel(workers.threads(), multiplyAdds),
                MultiplyAdds.flops(FMA_STEPS) * workers.threads());
        requireFinite(results);
        return rate;
    }

    private static double copyRate(Workers workers, double workingSet) {
        int threads = workers.threads();
        long bytes = Math.clamp((long) workingSet, SMALLEST, LARGEST);
        // Half of the working set is read, half is written.
        int floats = (int) (bytes / threads / Float.BYTES / 2);
        float[][] from = new float[threads][floats];
        float[][] to = new float[threads][floats];
        int rounds = Math.toIntExact(Math.max(1, BYTES_A_ROUND / bytes));
        double moved = 2.0 * Float.BYTES * floats * threads * rounds;
        Workers.Body copy = (task, _) -> {
            for (int round = 0; round < rounds; round++) {
                System.arraycopy(from[task], 0, to[task], 0, floats);
            }
        };
        return bestRate(() -> workers.parallel(threads, copy), moved);
    }

    private static double bestRate(Runnable run, double amount) {
        double best = 0;
        long start = System.nanoTime();
        for (long now = start; now - start < NANOS_EACH; ) {
            run.run();
            long end = System.nanoTime();
            best = Math.max(best, amount / Math.max(1, end - now) * 1e9);
            now = end;
        }
        return best;
    }

    /** Until the JIT compiler has made fast code of the loop, every vector in it is an object. */
    private static void awaitFastMultiplyAdds() {
        long start = System.nanoTime();
        long allocated;
        do {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            requireFinite(MultiplyAdds.run(FMA_STEPS));
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        } while (allocated > FMA_STEPS && System.nanoTime() - start < LONGEST_COMPILATION);
    }

    /** The results have to be used, or the loops could be left out. */
    private static void requireFinite(float... results) {
        for (float result : results) {
            if (!Float.isFinite(result)) {
                throw new IllegalStateException("The multiply-adds gave " + Arrays.toString(results) + ".");
            }
        }
    }
}
