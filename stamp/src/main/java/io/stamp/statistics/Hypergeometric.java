package io.stamp.statistics;

import java.util.Arrays;

/**
 * How many things two independent random choices share: the chance of each number.
 *
 * @param chances of 0, 1, 2, ... shared things
 */
public record Hypergeometric(double[] chances) {
    /** Of two choices of {@code first} and {@code second} out of so many things. */
    public static Hypergeometric of(int things, int first, int second) {
        if (first < 0 || second < 0 || first > things || second > things) {
            throw new IllegalArgumentException("Of " + things + " nobody chooses " + first + " or " + second + ".");
        }
        double[] chances = new double[Math.min(first, second) + 1];
        for (int shared = Math.max(0, first + second - things); shared < chances.length; shared++) {
            chances[shared] = Math.exp(logChoices(first, shared)
                    + logChoices(things - first, second - shared)
                    - logChoices(things, second));
        }
        return new Hypergeometric(chances);
    }

    private static double logChoices(int things, int chosen) {
        double log = 0;
        for (int i = 1; i <= chosen; i++) {
            log += Math.log((double) (things - chosen + i) / i);
        }
        return log;
    }

    /** Of the sum of both numbers. */
    public Hypergeometric plus(Hypergeometric other) {
        double[] sum = new double[chances.length + other.chances.length - 1];
        for (int i = 0; i < chances.length; i++) {
            for (int j = 0; j < other.chances.length; j++) {
                sum[i + j] += chances[i] * other.chances[j];
            }
        }
        return new Hypergeometric(sum);
    }

    public double mean() {
        double mean = 0;
        for (int shared = 0; shared < chances.length; shared++) {
            mean += shared * chances[shared];
        }
        return mean;
    }

    /** Expected share of what both have in what either has, Jaccard's index, where they have so many things together, counted twice. */
    public double meanJaccard(int both) {
        double mean = 0;
        for (int shared = 0; shared < chances.length; shared++) {
            mean += chances[shared] * jaccard(shared, both);
        }
        return mean;
    }

    /** Jaccard's index of two choices that have {@code both} things together, counted twice; 1 of two empty ones. */
    public static double jaccard(int shared, int both) {
        return both == 0 ? 1 : (double) shared / (both - shared);
    }

    /** The chance of so many or more. */
    public double atLeast(int shared) {
        double chance = 0;
        for (int i = Math.max(0, shared); i < chances.length; i++) {
            chance += chances[i];
        }
        return Math.min(1, chance);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hypergeometric that && Arrays.equals(chances, that.chances);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(chances);
    }

    @Override
    public String toString() {
        return Arrays.toString(chances);
    }
}
