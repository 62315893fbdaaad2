package io.stamp.engine.vector.elementwise;

import io.stamp.engine.Shape;
import java.util.Arrays;

/**
 * An array seen through strides: element {@code i}, counted row-major over the axes, lies at the sum of coordinate times stride.
 * Axes that can be walked as one are merged.
 */
final class Strided {
    private final int[] strides;
    /** Elements spanned by an axis and those after it. */
    private final int[] spans;

    private final int rank;

    private Strided(Shape shape, int[] axisStrides) {
        int[] dims = new int[shape.rank() + 1];
        strides = new int[dims.length];
        dims[0] = 1;
        int merged = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            int dim = shape.dim(axis);
            if (dim == 1) {
                continue;
            }
            if (merged > 0 && strides[merged - 1] == axisStrides[axis] * dim) {
                dims[merged - 1] *= dim;
                strides[merged - 1] = axisStrides[axis];
            } else {
                dims[merged] = dim;
                strides[merged] = axisStrides[axis];
                merged++;
            }
        }
        rank = Math.max(merged, 1);
        spans = new int[rank + 1];
        spans[rank] = 1;
        for (int axis = rank - 1; axis >= 0; axis--) {
            spans[axis] = spans[axis + 1] * dims[axis];
        }
    }

    static Strided of(Shape shape, int[] axisStrides) {
        return new Strided(shape, axisStrides);
    }

    /** An operand stretched to {@code target}. */
    static Strided broadcast(Shape operand, Shape target) {
        return new Strided(target, operand.stridesIn(target));
    }

    /** Whether element i lies at i. */
    boolean isFlat() {
        return spans[0] <= 1 || rank == 1 && strides[0] == 1;
    }

    /** After how many elements the same ones come again; all of them if they do not. */
    int period() {
        return strides[0] == 0 ? spans[1] : spans[0];
    }

    /** Copies elements {@code first} to {@code first + count - 1}. */
    void copy(float[] from, int first, int count, float[] to, int at) {
        copy(0, from, 0, first, count, to, at);
    }

    private void copy(int axis, float[] from, int base, int first, int count, float[] to, int toOffset) {
        int stride = strides[axis];
        if (axis == rank - 1) {
            copyRun(from, base + first * stride, stride, to, toOffset, count);
            return;
        }
        int span = spans[axis + 1];
        int source = base + first / span * stride;
        int within = first % span;
        int end = toOffset + count;
        int at = toOffset;
        while (at < end) {
            int run = Math.min(span - within, end - at);
            copy(axis + 1, from, source, within, run, to, at);
            at += run;
            source += stride;
            within = 0;
            if (stride == 0 && run == span) {
                repeat(to, at - span, at, end);
                return;
            }
        }
    }

    private static void copyRun(float[] from, int base, int stride, float[] to, int at, int run) {
        if (stride == 1) {
            System.arraycopy(from, base, to, at, run);
        } else if (stride == 0) {
            Arrays.fill(to, at, at + run, from[base]);
        } else {
            for (int i = 0; i < run; i++) {
                to[at + i] = from[base + i * stride];
            }
        }
    }

    /** Continues the pattern {@code [start, at)} up to {@code end}, doubling what is there. */
    static void repeat(float[] to, int start, int at, int end) {
        for (int filled = at; filled < end; ) {
            int length = Math.min(filled - start, end - filled);
            System.arraycopy(to, start, to, filled, length);
            filled += length;
        }
    }
}
