package io.stamp.engine.vector.codegen;

/**
 * Micro-kernel of a GEMM: a fixed number of rows times a fixed number of vectors of columns, all sums in registers.
 * {@link TileCompiler} makes them.
 */
public interface Tile {
    /**
     * {@code C[r][j] (+)= sum over i < k of A[r][i] * B[i][j]}; the element {@code A[r][i]} lies at
     * {@code a[aOffset + r * rowDistance + i * aStep]}, where the row distance belongs to the tile.
     *
     * @param bStep elements between rows of B
     * @param cStride elements between rows of C
     * @param accumulate whether to add to C rather than overwrite it
     */
    void multiply(
            int k,
            float[] a,
            int aOffset,
            int aStep,
            float[] b,
            int bOffset,
            int bStep,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate);
}
