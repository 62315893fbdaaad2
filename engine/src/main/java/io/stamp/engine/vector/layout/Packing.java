package io.stamp.engine.vector.layout;

import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Writes right-hand matrices in the packed layout of {@link Tiles}. */
public final class Packing {
    private static final int TRANSPOSE_BLOCK = 64;

    /** Transposes as many rows as there are lanes. */
    private static final LaneTranspose SQUARE = LaneTranspose.of(Lanes.COUNT, false, true);

    private Packing() {}

    /** Packs one tile of {@code B[k][n]}, whose row i begins at {@code b[bOffset + i * bStride]}. */
    public static void packTile(
            float[] b, int bOffset, int bStride, int k, int n, int tile, float[] packed, int packedOffset) {
        int first = tile * Tiles.WIDE;
        int width = Tiles.width(n, tile);
        packRows(b, bOffset + first, bStride, k, Math.min(n - first, width), packed, packedOffset, width);
    }

    /** Packs rows of a tile: of each row {@code columns} values, then zeros up to {@code width}. */
    public static void packRows(
            float[] b, int bOffset, int bStride, int rows, int columns, float[] packed, int packedOffset, int width) {
        for (int j = 0; j < width; j += Lanes.COUNT) {
            VectorMask<Float> mask = Lanes.first(columns - j);
            for (int row = 0; row < rows; row++) {
                FloatVector.fromArray(Lanes.FLOATS, b, bOffset + j + row * bStride, mask)
                        .intoArray(packed, packedOffset + j + row * width);
            }
        }
    }

    /** Packs one tile of {@code B[k][n]} given as its transpose, column j of B being {@code b[bOffset + j * bStride ...]}. */
    public static void packTransposedTile(
            float[] b, int bOffset, int bStride, int k, int n, int tile, float[] packed, int packedOffset) {
        int first = tile * Tiles.WIDE;
        int width = Tiles.width(n, tile);
        int columns = Math.min(n - first, width);
        if (columns < width) {
            Arrays.fill(packed, packedOffset, packedOffset + k * width, 0);
        }
        int wholeColumns = columns / Lanes.COUNT * Lanes.COUNT;
        int wholeRows = k / Lanes.COUNT * Lanes.COUNT;
        int source = bOffset + first * bStride;
        for (int j = 0; j < wholeColumns; j += Lanes.COUNT) {
            for (int i = 0; i < wholeRows; i += Lanes.COUNT) {
                SQUARE.run(
                        b, source + j * bStride + i, bStride, packed, packedOffset + i * width + j, width, false, null);
            }
        }
        int restOfRows = source + wholeRows;
        copyTransposed(
                b, restOfRows, bStride, wholeColumns, k - wholeRows, packed, packedOffset + wholeRows * width, width);
        int restOfColumns = source + wholeColumns * bStride;
        copyTransposed(
                b, restOfColumns, bStride, columns - wholeColumns, k, packed, packedOffset + wholeColumns, width);
    }

    /** Writes {@code columns} columns of {@code k} elements each, given as rows. */
    private static void copyTransposed(
            float[] b, int bOffset, int bStride, int columns, int k, float[] packed, int packedOffset, int width) {
        for (int from = 0; from < k; from += TRANSPOSE_BLOCK) {
            int to = Math.min(k, from + TRANSPOSE_BLOCK);
            for (int j = 0; j < columns; j++) {
                int source = bOffset + j * bStride;
                int target = packedOffset + j;
                for (int i = from; i < to; i++) {
                    packed[target + i * width] = b[source + i];
                }
            }
        }
    }

    /** Writes the transpose of a matrix of {@code rows x columns}. */
    public static void transpose(
            float[] from,
            int fromOffset,
            int fromStride,
            int rows,
            int columns,
            float[] to,
            int toOffset,
            int toStride) {
        for (int first = 0; first < rows; first += TRANSPOSE_BLOCK) {
            int end = Math.min(rows, first + TRANSPOSE_BLOCK);
            for (int column = 0; column < columns; column++) {
                int source = fromOffset + column;
                int target = toOffset + column * toStride;
                for (int row = first; row < end; row++) {
                    to[target + row] = from[source + row * fromStride];
                }
            }
        }
    }
}
