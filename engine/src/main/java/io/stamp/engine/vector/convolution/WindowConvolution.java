package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.codegen.WindowTile;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.layout.Patches;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
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
 * @param wide tile of two vectors of channels
 * @param narrow tile of one
 */
record WindowConvolution(
        ConvGeometry g,
        float[] x,
        float[] packed,
        float[] y,
        int[] offsets,
        int pitch,
        Bands bands,
        Shape wide,
        Shape narrow,
        Epilogue epilogue)
        implements Workers.Body {

    /**
     * A tile and its size.
     *
     * @param pixels neighbouring pixels
     * @param width channels
     */
    private record Shape(int pixels, int width, WindowTile tile) {
        static Shape of(ConvGeometry g, int mostPixels, int width, int pitch) {
            int pixels = Tiles.balancedRows(g.outWidth(), mostPixels);
            return new Shape(pixels, width, Tiles.windows(pixels, width / Lanes.COUNT, g.stride() * pitch));
        }
    }

    /** Fewer pixels in a row leave too many registers idle. */
    private static final int MIN_WIDTH = 6;

    static boolean fits(ConvGeometry g) {
        return g.groups() == 1 && g.outWidth() >= MIN_WIDTH;
    }

    static void run(ConvGeometry g, float[] x, float[] packed, float[] y, Epilogue epilogue, Workers workers) {
        int pitch = Math.ceilDiv(g.inChannels(), Lanes.COUNT) * Lanes.COUNT;
        WindowConvolution job = new WindowConvolution(
                g,
                x,
                packed,
                y,
                WindowOffsets.of(g, columns(g) * pitch, pitch, 1),
                pitch,
                Bands.of(g, columns(g) * pitch),
                Shape.of(g, Tiles.ROWS, Tiles.WIDE, pitch),
                Shape.of(g, Tiles.NARROW_WINDOW_ROWS, Tiles.NARROW, pitch),
                epilogue);
        workers.parallel(job.bands.count(), job);
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
        float[] copy = scratch.floats(ConvolutionSlots.PANEL, inputRows * columns(g) * pitch + Lanes.COUNT);
        copyRows(image, firstRow * g.stride() - g.padding(), inputRows, copy);
        float[] partial =
                scratch.floats(ConvolutionSlots.TILE, Math.max(wide.pixels * wide.width, narrow.pixels * narrow.width));
        int outWidth = g.outWidth();
        int columns = columns(g);
        int from = (image * g.outHeight() + firstRow) * rowSize();
        int end = from + rows * rowSize();
        // A tile writes whole vectors, also where channels end before; what that spoils of the pixels after it is
        // written later, for
        // upper channels come first and pixels in ascending order. What would reach beyond the task takes a detour.
        for (int tile = Tiles.count(g.outChannels()) - 1; tile >= 0; tile--) {
            Shape shape = Tiles.width(g.outChannels(), tile) == Tiles.WIDE ? wide : narrow;
            for (int row = 0; row < rows; row++) {
                int target = from + row * rowSize();
                for (int pixel = 0; pixel < outWidth; pixel += shape.pixels) {
                    // The last tile overlaps the one before it.
                    int first = Math.min(pixel, outWidth - shape.pixels);
                    int source = (row * columns + first) * g.stride() * pitch;
                    int to = target + first * g.outChannels();
                    multiply(shape, tile * Tiles.WIDE, copy, source, to, end, partial);
                }
            }
        }
        epilogue.apply(y, from, end);
    }

    /** Elements of an output row. */
    private int rowSize() {
        return g.outWidth() * g.outChannels();
    }

    private void multiply(
            Shape shape, int firstChannel, float[] copy, int source, int target, int end, float[] detour) {
        int n = g.outChannels();
        int width = shape.width;
        int weights = firstChannel * offsets.length;
        int to = target + firstChannel;
        if (n - firstChannel >= width || to + (shape.pixels - 1) * n + width <= end) {
            shape.tile.multiply(offsets.length, copy, source, offsets, packed, weights, y, to, n);
            return;
        }
        shape.tile.multiply(offsets.length, copy, source, offsets, packed, weights, detour, 0, width);
        Tiles.store(detour, 0, width, shape.pixels, n - firstChannel, y, to, n, false);
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
