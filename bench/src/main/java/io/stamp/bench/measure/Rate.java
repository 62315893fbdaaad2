package io.stamp.bench.measure;

import java.util.Arrays;

/**
 * What a rate, or a ratio of rates, was over many samples.
 *
 * @param median of the samples
 * @param p10 a tenth of the samples are lower
 * @param p90 a tenth of the samples are higher
 * @param samples their number
 */
public record Rate(double median, double p10, double p90, int samples) {
    /** The percentiles of some samples, at least one, in any order. */
    public static Rate of(double... samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Rate(quantile(sorted, 0.5), quantile(sorted, 0.1), quantile(sorted, 0.9), sorted.length);
    }

    /** All numbers multiplied, for another unit. */
    public Rate times(double factor) {
        return new Rate(median * factor, p10 * factor, p90 * factor, samples);
    }

    /** The same ratio seen from the other side: one over all numbers. */
    public Rate inverse() {
        return new Rate(1 / median, 1 / p90, 1 / p10, samples);
    }

    /** Linear interpolation between the two nearest samples. */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
