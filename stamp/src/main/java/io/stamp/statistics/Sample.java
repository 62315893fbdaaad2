package io.stamp.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Independent measurements of one number, such as one a seed, and what they say about its mean. A single measurement says nothing about
 * how far it is from the mean: all that would is null then.
 *
 * @param values the measurements; those of samples that are compared belong together by their places
 * @param mean of them
 * @param deviation of one measurement, the sample standard deviation; or null
 * @param standardError of the mean; or null
 * @param low lower end of the 95 % interval of the mean, by Student's t; or null
 * @param high its upper end; or null
 */
public record Sample(
        List<Double> values, double mean, Double deviation, Double standardError, Double low, Double high) {
    /** Chance that an interval holds what it is about. */
    public static final double CONFIDENCE = 0.95;

    public static Sample of(double... values) {
        return of(Arrays.stream(values).boxed().toList());
    }

    public static Sample of(List<Double> values) {
        int count = values.size();
        double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
        if (count == 1) {
            return new Sample(List.copyOf(values), mean, null, null, null, null);
        }
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        double deviation = Math.sqrt(squares / (count - 1));
        double error = deviation / Math.sqrt(count);
        double half = StudentT.bound(CONFIDENCE, count - 1) * error;
        return new Sample(List.copyOf(values), mean, deviation, error, mean - half, mean + half);
    }

    /**
     * The differences to a baseline, pair by pair. What both measurements of a pair share, such as their task or their seed, cancels, so that
     * this says more than two intervals beside each other.
     */
    public Sample minus(Sample baseline) {
        if (baseline.values.size() != values.size()) {
            throw new IllegalArgumentException(
                    values.size() + " measurements cannot be paired with " + baseline.values.size() + ".");
        }
        return of(IntStream.range(0, values.size())
                .mapToDouble(i -> values.get(i) - baseline.values.get(i))
                .toArray());
    }

    /** Mean and half of the interval, {@code 82.25 ± 1.17}, multiplied by a factor; the mean alone of a single measurement. */
    public String text(double factor, int digits) {
        return text("%." + digits + "f", factor, digits);
    }

    /** As {@link #text} with the sign of the mean, {@code +1.04 ± 1.18}: for differences. */
    public String signed(double factor, int digits) {
        return text("%+." + digits + "f", factor, digits);
    }

    private String text(String format, double factor, int digits) {
        String text = String.format(Locale.ROOT, format, factor * mean);
        return high == null ? text : text + String.format(Locale.ROOT, " ± %." + digits + "f", factor * (high - mean));
    }
}
