package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.ColumnTiles;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.Patches;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;

/**
 * The gradient of a convolution with respect to its weights: for each group the product of the output's transposed gradient
 * {@code [n][pixels]} and the window matrix {@code [pixels][k]}. Lanes lie over k, of which there are many even where channels are
 * few, and n is cut into equal tiles, so that no number of channels wastes much.
 *
 * <p>The pixels are cut into chunks whose number depends on the shape alone; a task sums one chunk for one block of k, then the
 * chunks are added.
 *
 * @param columns elements of k in a block
 * @param blocks blocks of k
 * @param tileRows rows of n in a tile
 */
record WeightGradient(
        ConvGeometry g,
        Patches windows,
        float[] gradOut,
        WeightSums sums,
        int pixels,
        int k,
        int columns,
        int blocks,
        int tileRows,
        ColumnTiles tiles)
        implements Workers.Body {

    /** Reduction steps between two stores of the sums. */
    private static final int DEPTH = 128;

    /** With {@link #DEPTH} windows of so many columns a block stays in the second-level cache. */
    private static final int MAX_COLUMNS = 320;

    static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int pixels = g.batch() * g.outHeight() * g.outWidth();
        int k = g.windowSize();
        int blocks = Math.ceilDiv(k, MAX_COLUMNS);
        int columns = Math.ceilDiv(Math.ceilDiv(k, blocks), Tiles.WIDE) * Tiles.WIDE;
        int tileRows = Tiles.balancedRows(g.groupOutChannels());
        int wanted = Ranges.tasks(g.macs());
        int mostChunks = Math.clamp(Math.ceilDiv(wanted, g.groups() * blocks), 1, Math.max(1, pixels / DEPTH));
        WeightSums sums = WeightSums.of(g, 1, k, tileRows, mostChunks, workers);
        WeightGradient job = new WeightGradient(
                g,
                Patches.ofInput(g, x),
                gradOut,
                sums,
                pixels,
                k,
                columns,
                blocks,
                tileRows,
                ColumnTiles.of(tileRows));
        workers.parallel(g.groups() * sums.chunks() * blocks, job);
        sums.writeTo(gradW, workers);
    }

    /** Distance of the windows in a block: room for copies that overshoot. */
    private int windowStride() {
        return columns + Lanes.COUNT;
    }

    @Override
    public void run(int task, Scratch scratch) {
        int block = task % blocks;
        int chunks = sums.chunks();
        int chunk = task / blocks % chunks;
        int group = task / blocks / chunks;
        int k0 = Math.min(k, block * columns);
        int k1 = Math.min(k, k0 + columns);
        int n = g.groupOutChannels();
        int from = Ranges.startOfPart(pixels, chunk, chunks);
        int to = Ranges.startOfPart(pixels, chunk + 1, chunks);
        float[] panel = scratch.floats(ConvolutionSlots.PANEL, DEPTH * windowStride());
        float[] gradients = scratch.floats(ConvolutionSlots.BLOCK, DEPTH * Tiles.COLUMN_STRIDE);
        for (int pixel = from; pixel < to; pixel += DEPTH) {
            int depth = Math.min(DEPTH, to - pixel);
            windows.pack(group, pixel, depth, k0, k1, panel, 0, windowStride());
            int source = pixel * g.outChannels() + group * n;
            for (int row = 0; row < n; row += tileRows) {
                int rows = Math.min(tileRows, n - row);
                Packing.packRows(
                        gradOut, source + row, g.outChannels(), depth, rows, gradients, 0, Tiles.COLUMN_STRIDE);
                tiles.multiply(
                        depth,
                        gradients,
                        0,
                        Tiles.COLUMN_STRIDE,
                        panel,
                        0,
                        windowStride(),
                        k1 - k0,
                        sums.partial(),
                        sums.row(chunk, group, row) + k0,
                        sums.rowStride(),
                        pixel > from);
            }
        }
    }
}
