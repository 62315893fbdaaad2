package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.ColumnTiles;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;

/**
 * The gradient with respect to the weights by {@link Positions}. A task computes one tap of the kernel for a range of output
 * channels: over the positions whose window has that tap inside the image, it sums the products of the output's gradients and the
 * input, lanes over the input channels.
 *
 * @param parts ranges of output channels
 * @param tileRows output channels of a tile
 */
record PositionWeightGradient(
        ConvGeometry g, float[] x, float[] gradOut, float[] gradW, int parts, int tileRows, ColumnTiles tiles)
        implements Workers.Body {

    /** Images whose products are summed before the sums are stored. */
    private static final int DEPTH = 128;

    static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int taps = g.kernelHeight() * g.kernelWidth();
        int tileRows = Tiles.balancedRows(g.outChannels());
        int parts = Math.clamp(Ranges.WANTED_TASKS / taps, 1, Math.ceilDiv(g.outChannels(), tileRows));
        PositionWeightGradient job =
                new PositionWeightGradient(g, x, gradOut, gradW, parts, tileRows, ColumnTiles.of(tileRows));
        workers.parallel(taps * parts, job);
    }

    private int stride() {
        return Math.ceilDiv(g.inChannels(), Lanes.COUNT) * Lanes.COUNT;
    }

    @Override
    public void run(int task, Scratch scratch) {
        int tap = task / parts;
        int part = task % parts;
        int tileCount = Math.ceilDiv(g.outChannels(), tileRows);
        int firstTile = Ranges.startOfPart(tileCount, part, parts);
        int endTile = Ranges.startOfPart(tileCount, part + 1, parts);
        float[] sums = scratch.floats(ConvolutionSlots.SUMS, (endTile - firstTile) * tileRows * stride());
        boolean accumulate = false;
        for (int position = 0; position < g.outHeight() * g.outWidth(); position++) {
            if (meets(position, tap)) {
                for (int image = 0; image < g.batch(); image += DEPTH) {
                    int depth = Math.min(DEPTH, g.batch() - image);
                    multiply(position, tap, image, depth, firstTile, endTile, sums, accumulate, scratch);
                    accumulate = true;
                }
            }
        }
        write(tap, firstTile, endTile, accumulate ? sums : null);
    }

    private boolean meets(int position, int tap) {
        return Positions.Range.rows(g, position).contains(tap / g.kernelWidth())
                && Positions.Range.columns(g, position).contains(tap % g.kernelWidth());
    }

    private void multiply(
            int position,
            int tap,
            int image,
            int depth,
            int firstTile,
            int endTile,
            float[] sums,
            boolean accumulate,
            Scratch scratch) {
        float[] inputs = scratch.floats(ConvolutionSlots.PANEL, depth * (stride() + Lanes.COUNT));
        int source = Positions.input(g, position, tap / g.kernelWidth(), tap % g.kernelWidth());
        for (int i = 0; i < depth; i++) {
            int from = (image + i) * Positions.inputImage(g) + source;
            System.arraycopy(x, from, inputs, i * (stride() + Lanes.COUNT), g.inChannels());
        }
        float[] gradients = scratch.floats(ConvolutionSlots.BLOCK, depth * Tiles.COLUMN_STRIDE);
        for (int tile = firstTile; tile < endTile; tile++) {
            int first = tile * tileRows;
            int count = Math.min(tileRows, g.outChannels() - first);
            int from = image * Positions.outputImage(g) + position * g.outChannels() + first;
            Packing.packRows(gradOut, from, Positions.outputImage(g), depth, count, gradients, 0, Tiles.COLUMN_STRIDE);
            tiles.multiply(
                    depth,
                    gradients,
                    0,
                    Tiles.COLUMN_STRIDE,
                    inputs,
                    0,
                    stride() + Lanes.COUNT,
                    g.inChannels(),
                    sums,
                    (tile - firstTile) * tileRows * stride(),
                    stride(),
                    accumulate);
        }
    }

    /** Writes the sums of one tap; zeros where no position meets it. */
    private void write(int tap, int firstTile, int endTile, float[] sums) {
        int taps = g.kernelHeight() * g.kernelWidth();
        int channels = g.inChannels();
        int end = Math.min(endTile * tileRows, g.outChannels());
        for (int o = firstTile * tileRows; o < end; o++) {
            int target = (o * taps + tap) * channels;
            if (sums == null) {
                Arrays.fill(gradW, target, target + channels, 0);
            } else {
                System.arraycopy(sums, (o - firstTile * tileRows) * stride(), gradW, target, channels);
            }
        }
    }
}
