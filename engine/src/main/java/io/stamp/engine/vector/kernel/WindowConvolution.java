package io.stamp.engine.vector.kernel;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Lanes;
import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;
import java.util.Arrays;

/**
 * Convolution with lanes over output channels that reads windows where they lie. A task copies a band of rows of one image with its
 * padding, pixels at a distance of whole cache lines, and sweeps over it with the weights of one tile of channels after the other.
 *
 * @param x {@code [batch, height, width, inChannels]}
 * @param packed weights, {@code [k][n]} in the layout of {@link Tiles}
 * @param y {@code [batch, outHeight, outWidth, outChannels]}
 * @param offsets where a window's elements lie in the copy from its start
 * @param pitch elements between pixels of the copy
 * @param tilePixels neighbouring pixels of a tile
 */
record WindowConvolution(
        ConvGeometry g,
        float[] x,
        float[] packed,
        float[] y,
        int[] offsets,
        int pitch,
        Bands bands,
        int tilePixels,
        WindowTile wide,
        WindowTile narrow,
        Epilogue epilogue)
        implements Workers.Body {

    /** Fewer pixels in a row leave too many registers idle. */
    private static final int MIN_WIDTH = 6;

    static boolean fits(ConvGeometry g) {
        return g.groups() == 1 && g.outWidth() >= MIN_WIDTH;
    }

    static void run(ConvGeometry g, float[] x, float[] packed, float[] y, Epilogue epilogue, Workers workers) {
        int pitch = Math.ceilDiv(g.inChannels(), Lanes.COUNT) * Lanes.COUNT;
        int tilePixels = Tiles.balancedRows(g.outWidth());
        int distance = g.stride() * pitch;
        WindowConvolution work = new WindowConvolution(
                g,
                x,
                packed,
                y,
                WindowOffsets.of(g, columns(g) * pitch, pitch, 1),
                pitch,
                Bands.of(g, columns(g) * pitch),
                tilePixels,
                Tiles.windows(tilePixels, 2, distance),
                Tiles.windows(tilePixels, 1, distance),
                epilogue);
        workers.parallel(work.bands.count(), work);
    }

    /** Pixels of a row of the copy. */
    private static int columns(ConvGeometry g) {
        return (g.outWidth() - 1) * g.stride() + g.kernelWidth();
    }

    @Override
    public void run(int task, Scratch scratch) {
        int image = bands.image(task);
        int firstRow = bands.firstRow(task);
        int rows = bands.rows(task);
        int inputRows = (rows - 1) * g.stride() + g.kernelHeight();
        float[] copy = scratch.floats(Slots.PANEL, inputRows * columns(g) * pitch + Lanes.COUNT);
        copyRows(image, firstRow * g.stride() - g.padding(), inputRows, copy);
        float[] partial = scratch.floats(Slots.TILE, tilePixels * Tiles.WIDE);
        for (int tile = 0; tile < Tiles.count(g.outChannels()); tile++) {
            for (int row = 0; row < rows; row++) {
                int target = ((image * g.outHeight() + firstRow + row) * g.outWidth()) * g.outChannels();
                for (int pixel = 0; pixel < g.outWidth(); pixel += tilePixels) {
                    // The last tile overlaps the one before it.
                    int first = Math.min(pixel, g.outWidth() - tilePixels);
                    int source = (row * columns(g) + first) * g.stride() * pitch;
                    multiply(tile, copy, source, target + first * g.outChannels(), partial);
                }
            }
        }
        int rowSize = g.outWidth() * g.outChannels();
        int from = (image * g.outHeight() + firstRow) * rowSize;
        epilogue.apply(y, from, from + rows * rowSize);
    }

    private void multiply(int tile, float[] copy, int source, int target, float[] partial) {
        int n = g.outChannels();
        int width = Tiles.width(n, tile);
        int firstChannel = tile * Tiles.WIDE;
        WindowTile kernel = width == Tiles.WIDE ? wide : narrow;
        int weights = firstChannel * offsets.length;
        int to = target + firstChannel;
        if (n - firstChannel >= width) {
            kernel.multiply(offsets.length, copy, source, offsets, packed, weights, y, to, n);
            return;
        }
        kernel.multiply(offsets.length, copy, source, offsets, packed, weights, partial, 0, width);
        Tiles.store(partial, 0, width, tilePixels, n - firstChannel, y, to, n, false);
    }

    /** Copies rows from {@code firstRow} on, which may lie above or below the image, with their padding. */
    private void copyRows(int image, int firstRow, int rows, float[] copy) {
        int rowSize = columns(g) * pitch;
        int before = Math.min(g.padding(), columns(g));
        int inside = Math.min(g.width(), columns(g) - before);
        for (int row = 0; row < rows; row++) {
            int at = row * rowSize;
            int imageRow = firstRow + row;
            if (imageRow < 0 || imageRow >= g.height()) {
                Arrays.fill(copy, at, at + rowSize, 0);
                continue;
            }
            Arrays.fill(copy, at, at + before * pitch, 0);
            Arrays.fill(copy, at + (before + inside) * pitch, at + rowSize, 0);
            int source = (image * g.height() + imageRow) * g.width() * g.inChannels();
            copyPixels(source, inside, copy, at + before * pitch);
        }
    }

    private void copyPixels(int source, int count, float[] copy, int target) {
        int channels = g.inChannels();
        if (pitch == channels) {
            System.arraycopy(x, source, copy, target, count * channels);
            return;
        }
        // Whole vectors are read, which only near the end of the array could reach beyond it.
        int safe = Math.clamp(Math.floorDiv(x.length - source - pitch, channels) + 1, 0, count);
        Patches.copyBlock(x, source, channels, copy, target, pitch, safe, channels);
        for (int i = safe; i < count; i++) {
            System.arraycopy(x, source + i * channels, copy, target + i * pitch, channels);
        }
    }
}
