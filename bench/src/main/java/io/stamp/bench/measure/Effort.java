package io.stamp.bench.measure;

import io.stamp.engine.StampException;

/**
 * How long to measure one thing.
 *
 * @param longestWarmUp seconds after which measuring begins even if the rate still rises
 * @param seconds to measure, at the least
 * @param samples to take, at the least
 */
public record Effort(double longestWarmUp, double seconds, int samples) {
    private static final int USUAL_SAMPLES = 10;
    private static final double USUAL_WARM_UP = 4;

    public Effort {
        if (!(seconds > 0 && longestWarmUp >= 0 && samples >= 1)) {
            throw new StampException("A measurement needs a positive time and at least one sample, not " + seconds
                    + " seconds and " + samples + " samples.");
        }
    }

    /** For one thing measured on its own for {@code seconds}. */
    public static Effort of(double seconds) {
        return new Effort(USUAL_WARM_UP * seconds, seconds, USUAL_SAMPLES);
    }
}
