package io.stamp.engine.vector.codegen;

/**
 * Micro-kernel of a convolution with lanes over pixels: a fixed number of output channels times two vectors of pixels, all sums
 * in registers. {@link TileCompiler} makes them.
 */
public interface PixelTile {
    /**
     * {@code C[r][j] = sum over i < k of A[i][r] * B[i][j]}, where A is dense {@code [k][rows]} and {@code B[i]} are the vectors of
     * {@code b} at {@code bFirst + bOffsets[i]} and {@code bSecond + bOffsets[i]}; C is dense {@code [rows][two vectors]}.
     */
    void multiply(
            int k, float[] a, int aOffset, float[] b, int[] bOffsets, int bFirst, int bSecond, float[] c, int cOffset);
}
