package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.ColumnTiles;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.PaddedRows;
import io.stamp.engine.vector.layout.Patches;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;

/**
 * {@link WeightGradient} where images are wide: a row of the kernel sees neighbouring elements of padded image rows, so that lanes
 * lie over those and no window is copied. The gradients of a few rows are packed with zeros where a window would run from one
 * row into the next.
 *
 * @param parts ranges of output channels, each a task of its own where the sums leave room for few chunks of pixels
 * @param stripLines lines whose products are summed before the sums are stored
 */
record RowWeightGradient(
        ConvGeometry g,
        PaddedRows rows,
        float[] gradOut,
        WeightSums sums,
        int parts,
        int stripLines,
        int tileRows,
        ColumnTiles tiles)
        implements Workers.Body {

    private static final int MIN_WIDTH = 16;

    /** Reduction steps between two stores of the sums. */
    private static final int DEPTH = 160;

    static boolean fits(ConvGeometry g) {
        return g.stride() == 1 && g.groups() == 1 && g.outWidth() >= MIN_WIDTH;
    }

    static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int tileRows = Tiles.balancedRows(g.outChannels());
        int lines = g.batch() * g.outHeight();
        int wanted = Ranges.tasks(g.macs());
        PaddedRows rows = PaddedRows.of(
                x,
                g.height(),
                g.width(),
                g.inChannels(),
                g.kernelHeight(),
                g.kernelWidth(),
                1,
                g.padding(),
                g.padding(),
                g.outHeight(),
                g.outWidth());
        WeightSums sums = WeightSums.of(
                g, g.kernelHeight(), g.kernelWidth() * g.inChannels(), tileRows, Math.min(wanted, lines), workers);
        int tileCount = Math.ceilDiv(g.outChannels(), tileRows);
        int parts = Math.clamp(wanted / sums.chunks(), 1, tileCount);
        RowWeightGradient job = new RowWeightGradient(
                g, rows, gradOut, sums, parts, Math.max(1, DEPTH / pitch(g)), tileRows, ColumnTiles.of(tileRows));
        workers.parallel(sums.chunks() * parts, job);
        sums.writeTo(gradW, workers);
    }

    /** Pixels from one line to the next: those of a line and the gap after it. */
    private static int pitch(ConvGeometry g) {
        return g.outWidth() + g.kernelWidth() - 1;
    }

    @Override
    public void run(int task, Scratch scratch) {
        int chunk = task / parts;
        int part = task % parts;
        int tileCount = Math.ceilDiv(g.outChannels(), tileRows);
        int firstTile = Ranges.startOfPart(tileCount, part, parts);
        int endTile = Ranges.startOfPart(tileCount, part + 1, parts);
        int lines = g.batch() * g.outHeight();
        int from = Ranges.startOfPart(lines, chunk, sums.chunks());
        int to = Ranges.startOfPart(lines, chunk + 1, sums.chunks());
        float[] images = scratch.floats(
                ConvolutionSlots.PANEL, (stripLines + g.kernelHeight() - 1) * rows.rowSize() + Tiles.WIDE);
        float[] gradients = scratch.floats(ConvolutionSlots.BLOCK, stripLines * pitch(g) * Tiles.COLUMN_STRIDE);
        int end;
        for (int line = from; line < to; line = end) {
            end = Math.min(Math.min(line + stripLines, to), (line / g.outHeight() + 1) * g.outHeight());
            rows.copy(line, end, images);
            int depth = (end - line) * pitch(g) - g.kernelWidth() + 1;
            for (int tile = firstTile; tile < endTile; tile++) {
                packGradients(line, end, tile * tileRows, gradients);
                multiply(depth, gradients, images, sums.row(chunk, 0, tile * tileRows), line > from);
            }
        }
    }

    private void packGradients(int line, int end, int first, float[] gradients) {
        int channels = Math.min(tileRows, g.outChannels() - first);
        int pitch = pitch(g);
        for (int i = line; i < end; i++) {
            int source = i * g.outWidth() * g.outChannels() + first;
            int target = (i - line) * pitch * Tiles.COLUMN_STRIDE;
            Packing.packRows(
                    gradOut, source, g.outChannels(), g.outWidth(), channels, gradients, target, Tiles.COLUMN_STRIDE);
            int gap = target + g.outWidth() * Tiles.COLUMN_STRIDE;
            Patches.clear(gradients, gap, (pitch - g.outWidth()) * Tiles.COLUMN_STRIDE);
        }
    }

    private void multiply(int depth, float[] gradients, float[] images, int target, boolean accumulate) {
        for (int row = 0; row < g.kernelHeight(); row++) {
            tiles.multiply(
                    depth,
                    gradients,
                    0,
                    Tiles.COLUMN_STRIDE,
                    images,
                    row * rows.rowSize(),
                    g.inChannels(),
                    sums.segment(),
                    sums.partial(),
                    target + row * sums.segmentStride(),
                    sums.rowStride(),
                    accumulate);
        }
    }
}
