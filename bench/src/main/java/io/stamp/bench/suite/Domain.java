package io.stamp.bench.suite;

import io.stamp.engine.random.RandomStream;

/** Where the values of a test input lie; away from kinks, where an op has some, so that differences approximate derivatives. */
public enum Domain {
    /** Standard normal. */
    NORMAL,
    /** Between 0.2 and 3. */
    POSITIVE,
    /** Between -3 and -0.1. */
    NEGATIVE,
    /** Of either sign, at least 0.05 from 0 and from 1. */
    AWAY_FROM_KINKS,
    /** All different by at least 0.01. */
    DISTINCT;

    /** Values that are exact in float32, so that all backends see the same input. */
    public double[] draw(int count, RandomStream random) {
        double[] values = new double[count];
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        if (this == DISTINCT) {
            random.shuffle(order);
        }
        for (int i = 0; i < count; i++) {
            values[i] = (float) one(random, order[i], count);
        }
        return values;
    }

    private double one(RandomStream random, int rank, int count) {
        return switch (this) {
            case NORMAL -> random.nextGaussian();
            case POSITIVE -> 0.2 + 2.8 * random.nextUniform();
            case NEGATIVE -> -0.1 - 2.9 * random.nextUniform();
            case AWAY_FROM_KINKS -> awayFromKinks(random);
            case DISTINCT -> 0.01 * (rank - count / 2);
        };
    }

    private static double awayFromKinks(RandomStream random) {
        while (true) {
            double value = 2 * random.nextGaussian();
            if (Math.abs(value) > 0.05 && Math.abs(value - 1) > 0.05) {
                return value;
            }
        }
    }
}
