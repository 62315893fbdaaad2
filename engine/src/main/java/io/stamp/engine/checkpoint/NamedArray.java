package io.stamp.engine.checkpoint;

import java.util.Arrays;

/**
 * A named array of floats in row-major order, as files hold it. The arrays are shared with the caller, not copied.
 *
 * @param name unique in its file
 * @param shape sizes of the dimensions, empty for a scalar
 * @param values as many as the product of {@code shape}
 */
public record NamedArray(String name, int[] shape, float[] values) {
    /** Throws IllegalArgumentException when the shape does not describe that many values. */
    public NamedArray {
        if (elements(shape) != values.length) {
            throw new IllegalArgumentException("Array '" + name + "' has the shape " + Arrays.toString(shape) + " but "
                    + values.length + " values.");
        }
    }

    /** The product of the sizes; -1 when a size is negative or the product does not fit into a long. */
    static long elements(int[] shape) {
        long product = 1;
        for (int size : shape) {
            if (size < 0 || Math.multiplyHigh(product, size) != 0 || product * size < 0) {
                return -1;
            }
            product *= size;
        }
        return product;
    }

    /** Equal names, shapes and values; values are compared by their bits, so that NaN equals NaN. */
    @Override
    public boolean equals(Object other) {
        return other instanceof NamedArray that
                && name.equals(that.name)
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape);
    }
}
