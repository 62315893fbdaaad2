package io.stamp.kernels.dnn;

import io.stamp.kernels.bind.DriverStream;
import io.stamp.kernels.device.Opened;
import java.util.Arrays;

/**
 * Takes the device's own time between two events of a stream. Runs follow one another without a gap, so that what a launch costs the
 * processor hardly counts, as in a captured graph. The median of a few samples.
 */
public final class EventTimer implements AlgorithmTimer {
    private static final double SAMPLE_MICROSECONDS = 300;
    private static final int MOST_RUNS = 30;
    private static final int SAMPLES = 5;
    /** What takes so many times the best time in its second run is not run any more. */
    private static final double HOPELESS = 2;

    /** A device that has rested runs at a fraction of its clock rate for as long. */
    private static final double WARM_UP_MICROSECONDS = 100_000;

    private final long stream;
    private final Opened opened = new Opened();
    private final long start;
    private final long end;
    private boolean warm;

    public EventTimer(long stream) {
        this.stream = stream;
        start = DriverStream.createTimingEvent();
        opened.add(() -> DriverStream.destroyEvent(start));
        try {
            end = DriverStream.createTimingEvent();
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
        opened.add(() -> DriverStream.destroyEvent(end));
    }

    @Override
    public double microseconds(String name, Runnable run, double best) {
        // The first run loads kernels and fills caches.
        run.run();
        double once = warm ? sample(run, 1) : warmUp(run);
        if (once > HOPELESS * best) {
            return once;
        }
        int runs = (int) Math.clamp(Math.ceil(SAMPLE_MICROSECONDS / once), 1, MOST_RUNS);
        double[] samples = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = sample(run, runs);
        }
        Arrays.sort(samples);
        return samples[SAMPLES / 2];
    }

    /** The time of the last of many runs. */
    private double warmUp(Runnable run) {
        double once = sample(run, 1);
        for (double total = once; total < WARM_UP_MICROSECONDS; total += MOST_RUNS * Math.max(once, 1)) {
            once = sample(run, MOST_RUNS);
        }
        warm = true;
        return once;
    }

    private double sample(Runnable run, int runs) {
        DriverStream.recordEvent(start, stream);
        for (int i = 0; i < runs; i++) {
            run.run();
        }
        DriverStream.recordEvent(end, stream);
        DriverStream.awaitEvent(end);
        return DriverStream.microsecondsBetween(start, end) / runs;
    }

    @Override
    public void close() {
        opened.close();
    }
}
