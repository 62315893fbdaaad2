package io.stamp.engine.vector.codegen;

import io.stamp.engine.vector.runtime.Lanes;

/** The tiles of a weights' gradient: GEMMs whose left-hand matrix lies by columns and whose width is any number of vectors. */
public record ColumnTiles(Tile wide, Tile narrow) {
    public static ColumnTiles of(int rows) {
        return new ColumnTiles(Tiles.byColumns(rows, 2), Tiles.byColumns(rows, 1));
    }

    /**
     * {@code C[r][j] (+)= sum over i < depth of A[i][r] * B[i][j]} for all rows of the tile and {@code columns} columns, rounded up to whole
     * vectors.
     *
     * @param aStep elements between rows of A
     * @param bStep elements between rows of B
     * @param cStride elements between rows of C
     * @param accumulate whether to add to C rather than overwrite it
     */
    public void multiply(
            int depth,
            float[] a,
            int aOffset,
            int aStep,
            float[] b,
            int bOffset,
            int bStep,
            int columns,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate) {
        for (int j = 0; j < columns; j += Tiles.WIDE) {
            Tile tile = j < columns - Lanes.COUNT ? wide : narrow;
            tile.multiply(depth, a, aOffset, aStep, b, bOffset + j, bStep, c, cOffset + j, cStride, accumulate);
        }
    }
}
