package io.stamp.kernels.op;

import io.stamp.engine.Shape;
import io.stamp.engine.op.SumTo;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;

/**
 * Sums over axes: reduce.cu. Neighbouring axes that are summed are one axis; several such are summed one after the
 * other, the last first.
 */
public final class Sums {
    /** From this many sums on, a thread for each fills the device. */
    private static final int MANY = 1 << 16;

    /** Up to this many rows a thread adds them alone. */
    private static final int FEW_ROWS = 32;

    /** Up to this many contiguous elements a thread, or a warp, adds them alone. */
    private static final int SHORT = 8;

    private static final int MODERATE = 4096;

    /** From this many contiguous sums on, warps fill the device. */
    private static final int MANY_FOR_WARPS = 1024;

    private static final int WARP = 32;

    private Sums() {}

    public static void sumTo(SumTo op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        CudaStream stream = context.stream();
        Shape shape = in[0].shape();
        if (in[0].size() == 0) {
            stream.clear(out.address(), (long) Float.BYTES * out.size());
            return;
        }
        int missing = shape.rank() - op.target().rank();
        long source = in[0].address();
        int left = in[0].size();
        int inner = 1;
        int rows = 1;
        for (int axis = shape.rank() - 1; left > out.size(); axis--) {
            boolean summed = axis < missing || op.target().dim(axis - missing) != shape.dim(axis);
            if (summed) {
                rows *= shape.dim(axis);
            }
            boolean ends = axis == 0 || !isSummed(op.target(), shape, axis - 1, missing);
            if (rows > 1 && ends) {
                left /= rows;
                long target = left == out.size()
                        ? out.address()
                        : stream.scratch((long) Float.BYTES * left).address();
                sum(source, target, left / inner, rows, inner, stream);
                source = target;
                rows = 1;
            }
            if (!summed) {
                inner *= shape.dim(axis);
            }
        }
        if (source == in[0].address()) {
            stream.copy(out.address(), source, (long) Float.BYTES * out.size());
        }
    }

    /** Axes of size 1 belong to the sum before them. */
    private static boolean isSummed(Shape target, Shape shape, int axis, int missing) {
        return shape.dim(axis) == 1 || axis < missing || target.dim(axis - missing) != shape.dim(axis);
    }

    /** {@code y[o][i]} = sum over r of {@code x[o][r][i]}. */
    static void sum(long x, long y, int outer, int rows, int inner, CudaStream stream) {
        int sums = outer * inner;
        if (inner == 1 && rows > SHORT && (rows <= MODERATE || outer >= MANY_FOR_WARPS)) {
            stream.launch("sum_contiguous")
                    .pointer(x)
                    .pointer(y)
                    .integer(sums)
                    .integer(rows)
                    .over((long) WARP * sums);
        } else if (sums >= MANY || rows <= (inner == 1 ? SHORT : FEW_ROWS)) {
            stream.launch("sum_short")
                    .pointer(x)
                    .pointer(y)
                    .integer(sums)
                    .integer(rows)
                    .integer(inner)
                    .over(sums);
        } else {
            ColumnGrid grid = ColumnGrid.forSums(rows, inner, outer, 1);
            long partial = grid.scratch(stream).address();
            grid.run(stream.launch(grid.kernel("sum_columns_4", "sum_columns_1"))
                    .pointer(x)
                    .pointer(y)
                    .pointer(partial));
        }
    }
}
