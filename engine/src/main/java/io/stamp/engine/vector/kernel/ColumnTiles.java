package io.stamp.engine.vector.kernel;

import io.stamp.engine.vector.Lanes;

/** The tiles of a weights' gradient: products whose left-hand matrix lies by columns and whose width is any number of vectors. */
record ColumnTiles(Tile wide, Tile narrow) {
    static ColumnTiles of(int rows) {
        return new ColumnTiles(Tiles.byColumns(rows, 2), Tiles.byColumns(rows, 1));
    }

    /**
     * {@code C[r][j] (+)= sum over i < depth of A[i][r] * B[i][j]} for all rows of the tile and {@code columns} columns, rounded up to whole
     * vectors; A's columns are {@link Tiles#COLUMN_STRIDE} apart.
     */
    void multiply(
            int depth,
            float[] a,
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
            tile.multiply(depth, a, 0, Tiles.COLUMN_STRIDE, b, bOffset + j, bStep, c, cOffset + j, cStride, accumulate);
        }
    }
}
