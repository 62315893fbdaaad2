package io.stamp.engine.vector.codegen;

/**
 * Micro-kernel of a convolution with lanes over output channels: a fixed number of neighbouring pixels times one or two vectors of
 * channels, all sums in registers, the windows read where they lie. {@link TileCompiler} makes them.
 */
public interface WindowTile {
    /**
     * {@code C[r][j] = sum over i < k of a[aOffset + r * pixelDistance + aOffsets[i]] * B[i][j]}, where the pixel distance belongs to
     * the tile and B is dense {@code [k][vectors]}.
     *
     * @param cStride elements between rows of C
     */
    void multiply(
            int k, float[] a, int aOffset, int[] aOffsets, float[] b, int bOffset, float[] c, int cOffset, int cStride);
}
