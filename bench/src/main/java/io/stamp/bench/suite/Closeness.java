package io.stamp.bench.suite;

import java.util.Locale;

/**
 * How far values lie from those that they should be.
 *
 * @param what was compared
 * @param worst the largest difference as a share of the one that is allowed there; at most 1 where the values are right, NaN where one
 *     is not a number
 * @param words the element that differs most, for people
 */
public record Closeness(String what, double worst, String words) {
    /**
     * Compares element by element: within {@code tolerance} of the value, plus of the tensor's root mean square, plus of {@code scale}.
     *
     * @param scale size of the values that were added up to one element, where they may cancel out
     */
    public static Closeness of(String what, double[] actual, double[] expected, double tolerance, double scale) {
        if (actual.length != expected.length) {
            String words = actual.length + " elements instead of " + expected.length;
            return new Closeness(what, Double.POSITIVE_INFINITY, words);
        }
        double square = 0;
        for (double value : expected) {
            square += value * value / expected.length;
        }
        double floor = Math.sqrt(square) + scale;
        double worst = 0;
        String words = "equal";
        for (int i = 0; i < expected.length; i++) {
            double bound = tolerance * (Math.abs(expected[i]) + floor);
            double difference = Math.abs(actual[i] - expected[i]);
            double share = difference == 0 ? 0 : difference / bound;
            if (!(share <= worst)) {
                worst = share;
                words = String.format(
                        Locale.ROOT,
                        "element %d of %d is %.9g instead of %.9g; allowed are %.3g",
                        i,
                        expected.length,
                        actual[i],
                        expected[i],
                        bound);
                if (Double.isNaN(share)) {
                    break;
                }
            }
        }
        return new Closeness(what, worst, words);
    }

    /** Whether every difference is allowed. */
    public boolean holds() {
        return worst <= 1;
    }

    @Override
    public String toString() {
        return what + ": " + words;
    }
}
