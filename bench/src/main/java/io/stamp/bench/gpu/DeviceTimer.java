package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;

/**
 * Measures work that a device does in the background: each sample is many runs put into its queue at once, and ends when the device has
 * done all of them.
 *
 * @param synchronise waits until the device is done
 */
record DeviceTimer(Runnable synchronise, Effort effort) {
    private static final int MOST_RUNS = 1 << 20;

    /**
     * How long to measure one thing.
     *
     * @param warmUpSeconds between the first run and the first sample, at the least one run
     * @param sampleSeconds length of a sample, about
     * @param samples their number
     */
    record Effort(double warmUpSeconds, double sampleSeconds, int samples) {
        double totalSeconds() {
            return warmUpSeconds + sampleSeconds * samples;
        }
    }

    /** Runs per second. */
    Rate measure(Runnable run) {
        double each = warmUp(run);
        int runs = (int) Math.ceil(Math.clamp(effort.sampleSeconds / each, 1, MOST_RUNS));
        double[] rates = new double[effort.samples];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = runs / seconds(run, runs);
        }
        return Rate.of(rates);
    }

    /**
     * Doubles the number of runs until a sample of them is long enough, and goes on for the time of the warm-up; seconds of a run. The
     * first one does not count: it may take seconds, in which algorithms are chosen and code is loaded.
     */
    private double warmUp(Runnable run) {
        seconds(run, 1);
        double spent = 0;
        double each;
        int runs = 1;
        do {
            double sample = seconds(run, runs);
            each = sample / runs;
            spent += sample;
            if (sample < effort.sampleSeconds && runs < MOST_RUNS) {
                runs *= 2;
            }
        } while (spent < effort.warmUpSeconds);
        return each;
    }

    private double seconds(Runnable run, int runs) {
        synchronise.run();
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            run.run();
        }
        synchronise.run();
        return Math.max(1, System.nanoTime() - start) * 1e-9;
    }
}
