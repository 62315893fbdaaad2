package io.stamp.bench.latency;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.kernels.CudaBackend;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Times many short things in turns, round after round, once the JIT compiler has done its part. {@link
 * io.stamp.bench.measure.Stopwatch} compares a few things thoroughly; here hundreds share less than a minute.
 */
final class Turns {
    private static final int FEWEST_ROUNDS = 5;

    /** The warm-up ends when that many rounds in a row were not faster than the best one before by more than the tolerance. */
    private static final int STEADY_ROUNDS = 3;

    private static final double TOLERANCE = 0.03;

    /** As a share of the time there is. */
    private static final double LONGEST_WARM_UP = 0.4;

    /** Shorter runs are repeated, so that the clock and, on a device, the wait for it are a small part. */
    private static final double HOST_SAMPLE = 2e-4;

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
        all.add(timed);
    }

    /** Times everything for about so many seconds; returns the number of rounds that count. */
    int run(double seconds, ProgressListener progress) {
        progress.start("measuring latencies", (long) Math.ceil(seconds), "seconds");
        long start = System.nanoTime();
        try {
            warmUp(start, seconds, progress);
            all.forEach(timed -> timed.samples.clear());
            int rounds = 0;
            while (rounds < FEWEST_ROUNDS || since(start) < seconds) {
                round();
                rounds++;
                progress.advance(Math.min((long) seconds, (long) since(start)), rounds + " rounds");
            }
            return rounds;
        } finally {
            progress.finish();
        }
    }

    private void warmUp(long start, double seconds, ProgressListener progress) {
        double best = Double.POSITIVE_INFINITY;
        int steady = 0;
        while (steady < STEADY_ROUNDS
                && (best == Double.POSITIVE_INFINITY || since(start) < LONGEST_WARM_UP * seconds)) {
            double sum = round();
            steady = sum > best * (1 - TOLERANCE) ? steady + 1 : 0;
            best = Math.min(best, sum);
            progress.advance((long) since(start), "warm-up");
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    private double round() {
        double sum = 0;
        for (Timed timed : all) {
            sum += timed.take();
        }
        return sum;
    }

    /** One of the things that are timed. */
    final class Timed {
        private final Function<Scope, Runnable> ready;
        private final List<Double> samples = new ArrayList<>();
        private int runs = 1;

        private Timed(Function<Scope, Runnable> ready) {
            this.ready = ready;
        }

        /** The first run counts for nothing: it packs weights and fills caches. */
        private double take() {
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
                return each;
            }
        }

        private static void once(Runnable run) {
            try (Scope _ = Scope.open()) {
                run.run();
            }
        }

        /**
         * The fastest run. The median would do on an idle machine; on a busy one a long run is nearly always interrupted and a short one
         * seldom, so that the medians of layers do not add up to that of a network.
         */
        double seconds() {
            return samples.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        }
    }
}
