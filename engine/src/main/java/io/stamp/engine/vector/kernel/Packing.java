package io.stamp.engine.vector.kernel;

import io.stamp.engine.vector.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Writes right-hand matrices in the packed layout of {@link Tiles}. */
final class Packing {
    private static final int TRANSPOSE_BLOCK = 64;

    private Packing() {}

    /** Packs one tile of {@code B[k][n]}, whose row i begins at {@code b[bOffset + i * bStride]}. */
    static void packTile(
            float[] b, int bOffset, int bStride, int k, int n, int tile, float[] packed, int packedOffset) {
        int first = tile * Tiles.WIDE;
        int width = Tiles.width(n, tile);
        int columns = Math.min(n - first, width);
        for (int i = 0; i < k; i++) {
            packRow(b, bOffset + i * bStride + first, columns, packed, packedOffset + i * width, width);
        }
    }

    /** Packs one tile of {@code B[k][n]} given as its transpose, column j of B being {@code b[bOffset + j * bStride ...]}. */
    static void packTransposedTile(
            float[] b, int bOffset, int bStride, int k, int n, int tile, float[] packed, int packedOffset) {
        int first = tile * Tiles.WIDE;
        int width = Tiles.width(n, tile);
        int columns = Math.min(n - first, width);
        for (int from = 0; from < k; from += TRANSPOSE_BLOCK) {
            int to = Math.min(k, from + TRANSPOSE_BLOCK);
            for (int j = 0; j < width; j++) {
                int source = bOffset + (first + j) * bStride;
                int target = packedOffset + j;
                for (int i = from; i < to; i++) {
                    packed[target + i * width] = j < columns ? b[source + i] : 0;
                }
            }
        }
    }

    /** Packs one row of a tile: {@code columns} values, then zeros up to {@code width}. */
    static void packRow(float[] b, int bOffset, int columns, float[] packed, int packedOffset, int width) {
        if (columns == width) {
            for (int j = 0; j < width; j += Lanes.COUNT) {
                FloatVector.fromArray(Lanes.FLOATS, b, bOffset + j).intoArray(packed, packedOffset + j);
            }
        } else {
            System.arraycopy(b, bOffset, packed, packedOffset, columns);
            Arrays.fill(packed, packedOffset + columns, packedOffset + width, 0);
        }
    }
}
