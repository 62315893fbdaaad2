package io.stamp.engine;

import java.util.Arrays;

/** The immutable sizes of a tensor's axes, row-major, last axis fastest. A scalar has rank 0 and size 1. */
public final class Shape {
    private static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dims;
    private final long size;

    private Shape(int[] dims) {
        long product = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new StampException("A shape has the size " + dim + " in " + Arrays.toString(dims)
                        + "; sizes must not be negative.");
            }
            product = Math.multiplyExact(product, dim);
        }
        this.dims = dims;
        this.size = product;
    }

    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    /** The size of an axis; negative axes count from the end, -1 being the last. */
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /** Normalises a possibly negative axis number. */
    public int axis(int axis) {
        int normalised = axis < 0 ? axis + dims.length : axis;
        if (normalised < 0 || normalised >= dims.length) {
            throw new StampException("Axis " + axis + " does not exist in the shape " + this + ".");
        }
        return normalised;
    }

    /** Number of elements. */
    public long size() {
        return size;
    }

    /** Number of elements as an array length; an error above 2^31 - 1. */
    public int length() {
        if (size > Integer.MAX_VALUE) {
            throw new StampException("The shape " + this + " has " + size + " elements; this backend holds at most "
                    + Integer.MAX_VALUE + " in one tensor.");
        }
        return (int) size;
    }

    /** Product of the sizes of the axes {@code from} (inclusive) to {@code to} (exclusive). */
    public int product(int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product = Math.multiplyExact(product, dims[axis]);
        }
        return product;
    }

    public int[] toArray() {
        return dims.clone();
    }

    /** The same shape with one axis resized. */
    public Shape with(int axis, int dim) {
        int[] changed = dims.clone();
        changed[axis(axis)] = dim;
        return new Shape(changed);
    }

    /** The same rank with the named axes reduced to 1. */
    public Shape reduced(int... axes) {
        int[] changed = dims.clone();
        for (int axis : axes) {
            changed[axis(axis)] = 1;
        }
        return new Shape(changed);
    }

    /** The common shape of two operands: axes are aligned at the end, and an axis of size 1 (or a missing one) stretches. */
    public static Shape broadcast(Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] dims = new int[rank];
        for (int fromEnd = 1; fromEnd <= rank; fromEnd++) {
            int x = fromEnd <= a.rank() ? a.dim(-fromEnd) : 1;
            int y = fromEnd <= b.rank() ? b.dim(-fromEnd) : 1;
            if (x != y && x != 1 && y != 1) {
                throw new StampException("The shapes " + a + " and " + b + " do not broadcast: axis -" + fromEnd
                        + " has sizes " + x + " and " + y + "; they must be equal or one of them 1.");
            }
            dims[rank - fromEnd] = x == 1 ? y : x;
        }
        return new Shape(dims);
    }

    /** Whether this shape stretches to {@code target} by broadcasting. */
    public boolean broadcastsTo(Shape target) {
        if (rank() > target.rank()) {
            return false;
        }
        for (int fromEnd = 1; fromEnd <= rank(); fromEnd++) {
            if (dim(-fromEnd) != 1 && dim(-fromEnd) != target.dim(-fromEnd)) {
                return false;
            }
        }
        return true;
    }

    /** Row-major strides of this shape seen as an operand of {@code target}: 0 where it is stretched. */
    public int[] stridesIn(Shape target) {
        int[] strides = new int[target.rank()];
        int stride = 1;
        for (int fromEnd = 1; fromEnd <= rank(); fromEnd++) {
            int dim = dim(-fromEnd);
            strides[target.rank() - fromEnd] = dim == 1 ? 0 : stride;
            stride *= dim;
        }
        return strides;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
