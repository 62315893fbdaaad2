package io.stamp.bench.latency;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.kernels.CudaBackend;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Times many short things in turns, round after round. {@link io.stamp.bench.measure.Stopwatch} compares a few things thoroughly; here
 * hundreds share less than a minute.
 */
final class Turns {
    private static final int FEWEST_ROUNDS = 8;

    /** Rounds that count for nothing, since the JIT compiler is still at work. */
    private static final int WARM_UP_ROUNDS = 3;

    /** Of the runs of each thing, the slowest ones are left out. */
    private static final double COUNTED = 0.75;

    /** Shorter runs are repeated, so that the clock and, on a device, the wait for it are a small part. */
    private static final double HOST_SAMPLE = 5e-4;

    private static final double DEVICE_SAMPLE = 2e-3;
    private static final int MOST_RUNS = 64;

    private final Runnable synchronise;
    private final double sample;
    private final List<Timed> all = new ArrayList<>();

    Turns(Backend backend) {
        this.synchronise = backend instanceof CudaBackend device ? device::synchronise : () -> {};
        this.sample = backend instanceof CudaBackend ? DEVICE_SAMPLE : HOST_SAMPLE;
    }

    /**
     * One more thing to time.
     *
     * @param ready makes what is run; in each round anew, in a scope that ends with its turn
     */
    Timed add(Function<Scope, Runnable> ready) {
        Timed timed = new Timed(ready);
        all.add(timed);
        return timed;
    }

    /** Gives something one more turn in each round. */
    void again(Timed timed) {
        timed.turns++;
        all.add(timed);
    }

    /** Times everything for about so many seconds; returns the number of rounds. */
    int run(double seconds, ProgressListener progress) {
        progress.start("measuring latencies", (long) Math.ceil(seconds), "seconds");
        long start = System.nanoTime();
        try {
            int rounds = 0;
            while (rounds < FEWEST_ROUNDS || since(start) < seconds) {
                all.forEach(Timed::take);
                rounds++;
                progress.advance((long) Math.min(seconds, since(start)), rounds + " rounds");
            }
            return rounds;
        } finally {
            progress.finish();
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    /** One of the things that are timed. */
    final class Timed {
        private final Function<Scope, Runnable> ready;
        private int runs = 1;
        private long turns = 1;
        private final List<Double> samples = new ArrayList<>();

        private Timed(Function<Scope, Runnable> ready) {
            this.ready = ready;
        }

        /** The first run counts for nothing: it packs weights and fills caches. */
        private void take() {
            try (Scope turn = Scope.open()) {
                Runnable run = ready.apply(turn);
                once(run);
                synchronise.run();
                long start = System.nanoTime();
                for (int i = 0; i < runs; i++) {
                    once(run);
                }
                synchronise.run();
                double each = Math.max(1, System.nanoTime() - start) * 1e-9 / runs;
                runs = (int) Math.clamp(Math.ceil(sample / each), 1, MOST_RUNS);
                samples.add(each);
            }
        }

        private static void once(Runnable run) {
            try (Scope _ = Scope.open()) {
                run.run();
            }
        }

        /**
         * The mean of the faster three quarters of the runs. Medians and the fastest runs of layers do not add up to those of a network on
         * a machine that does other things as well: a long run is nearly always interrupted, and a short one seldom.
         */
        double seconds() {
            double[] sorted = samples.stream()
                    .skip(turns * WARM_UP_ROUNDS)
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            return Arrays.stream(sorted)
                    .limit((long) Math.ceil(COUNTED * sorted.length))
                    .average()
                    .orElseThrow();
        }
    }
}
