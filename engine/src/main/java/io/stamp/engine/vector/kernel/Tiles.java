package io.stamp.engine.vector.kernel;

import io.stamp.engine.vector.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Sizes that the blocked products share.
 *
 * <p>A product {@code C[m][n] = A[m][k] B[k][n]} is cut into tiles of {@link #ROWS} rows and {@link #WIDE} columns; the last
 * tile of a row is {@link #NARROW} if that suffices. B lies <em>packed</em>: tile after tile, each {@code [k][width]} with
 * zeros in columns past n. A lies in <em>panels</em> of {@link #ROWS} rows and at most {@link #DEPTH} columns.
 */
final class Tiles {
    /** Rows of a tile: with two vectors of columns 28 accumulators, which leaves 4 of AVX-512's 32 registers. */
    static final int ROWS = 14;

    static final int NARROW = Lanes.COUNT;
    static final int WIDE = 2 * Lanes.COUNT;

    /** Reduction steps between two stores of the accumulators; a panel this deep fits into 48 KiB of first-level cache. */
    static final int DEPTH = 576;

    /** Distance of a panel's rows: room for copies that overshoot, and an odd number of cache lines. */
    static final int ROW_STRIDE = DEPTH + 16;

    /** Distance of a panel's columns where it is by columns. */
    static final int COLUMN_STRIDE = 16;

    /** Floats of a panel of either kind. */
    static final int PANEL_SIZE = COLUMN_STRIDE * ROW_STRIDE;

    private Tiles() {}

    /** Tiles in a row of tiles. */
    static int count(int n) {
        return Math.ceilDiv(n, WIDE);
    }

    /** Columns of a tile, the padding included. */
    static int width(int n, int tile) {
        return n - tile * WIDE <= NARROW ? NARROW : WIDE;
    }

    /** Columns of all tiles, the padding included. */
    static int paddedColumns(int n) {
        int last = count(n) - 1;
        return last * WIDE + width(n, last);
    }

    /** Copies {@code rows x columns} of a tile to C, or adds them to it. */
    static void store(
            float[] tile,
            int tileOffset,
            int width,
            int rows,
            int columns,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate) {
        for (int column = 0; column < columns; column += Lanes.COUNT) {
            VectorMask<Float> mask = Lanes.first(columns - column);
            for (int row = 0; row < rows; row++) {
                FloatVector values = FloatVector.fromArray(Lanes.FLOATS, tile, tileOffset + row * width + column);
                int at = cOffset + row * cStride + column;
                if (accumulate) {
                    values = FloatVector.fromArray(Lanes.FLOATS, c, at, mask).add(values);
                }
                values.intoArray(c, at, mask);
            }
        }
    }
}
