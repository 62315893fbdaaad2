package io.stamp.bench.measure;

import io.stamp.engine.StampException;

/**
 * How long to measure one thing.
 *
 * @param longestWarmUp seconds after which measuring begins even if the rate still rises
 * @param seconds to measure at least
 * @param samples to take at least
 */
public record Effort(double longestWarmUp, double seconds, int samples) {
    private static final int USUAL_SAMPLES = 10;
    private static final double USUAL_WARM_UP = 4;
    private static final double SHORTEST_WARM_UP = 1;

    public Effort {
        if (!(seconds > 0 && longestWarmUp >= 0 && samples >= 1)) {
            throw new StampException("A measurement needs a positive time and at least one sample, not " + seconds
                    + " seconds and " + samples + " samples.");
        }
    }

    /** For one thing measured on its own for {@code seconds}. */
    public static Effort of(double seconds) {
        return warmedUp(USUAL_WARM_UP, seconds, USUAL_SAMPLES);
    }

    /**
     * With a warm-up in proportion, and one that is worth its name however short the measurement is: the JIT compiler needs its time.
     *
     * @param warmUp longest warm-up, in multiples of {@code seconds}
     */
    public static Effort warmedUp(double warmUp, double seconds, int samples) {
        return new Effort(Math.max(SHORTEST_WARM_UP, warmUp * seconds), seconds, samples);
    }

    /** Length of each of so many samples. */
    public double sampleSeconds() {
        return seconds / samples;
    }

    /** Of warm-up and measurement, about. */
    public double totalSeconds() {
        return longestWarmUp + seconds;
    }
}
