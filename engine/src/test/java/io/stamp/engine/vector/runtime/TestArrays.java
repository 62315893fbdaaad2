package io.stamp.engine.vector.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;

/** Arrays for the kernel tests. */
public final class TestArrays {
    private TestArrays() {}

    /** Values in [-1, 1). */
    public static float[] random(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = 2 * random.nextFloat() - 1;
        }
        return values;
    }

    /** An array in which whatever a kernel forgets to write is noticed. */
    public static float[] unwritten(int size) {
        float[] values = new float[size];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /**
     * Asserts closeness within the rounding error of a float32 sum of {@code terms} products of values in [-1, 1): the partial
     * sums walk at random to about sqrt(i) / 3, which gives a standard deviation of 8e-9 terms; about twelve of those are
     * allowed.
     */
    public static void assertClose(float[] actual, double[] expected, int terms) {
        double tolerance = 1e-6 + 1e-7 * terms;
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
                assertThat(actual[i]).as("element %d of %d", i, expected.length).isEqualTo((float) expected[i]);
            }
        }
    }
}
