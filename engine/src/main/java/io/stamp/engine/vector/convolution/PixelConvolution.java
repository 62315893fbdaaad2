package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.PixelTile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.layout.LaneTranspose;
import io.stamp.engine.vector.layout.Planes;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;

/**
 * Convolution of stride 1 with lanes over the pixels of a row: every lane works for any number of channels, and no window is ever
 * copied. A task takes a band of rows of one image, writes row after row with its padding as planes of one channel each, and multiplies
 * packed weights with vectors of the planes as soon as the rows of their windows are there, which are then in the first-level cache.
 *
 * @param x {@code [batch, height, width, inChannels]}
 * @param y {@code [batch, outHeight, outWidth, outChannels]}
 * @param packed weights {@code [tile][kernelHeight, kernelWidth, inChannels][tileRows]}
 * @param offsets where a window's elements lie in the planes from its start
 * @param pitch elements of one channel of a row of the planes
 * @param rowSize elements of all channels of a row of the planes
 */
record PixelConvolution(
        ConvGeometry g,
        float[] x,
        float[] y,
        float[] packed,
        int[] offsets,
        int pitch,
        int rowSize,
        Bands bands,
        Planes in,
        Planes out,
        int tileRows,
        PixelTile tile,
        Epilogue epilogue)
        implements Workers.Body {

    /** Vector operations that moving one channel of a vector of pixels between tensor and plane costs. */
    private static final double MOVING = 35;

    /** Time of a tile with one vector of channels, where the broadcasts are the limit, as a part of that of two. */
    private static final double NARROW = 0.64;

    /**
     * Whether this kernel can do the geometry and takes less time than {@link WindowConvolution}, by multiplications and moves
     * of one vector of pixels. The two constants are measured.
     */
    static boolean wins(ConvGeometry g) {
        if (!g.isSameSize() || g.groups() > 1 || g.width() % Lanes.COUNT != 0) {
            return false;
        }
        int k = g.windowSize();
        int moved = g.inChannels() + g.outChannels();
        double byPixels = (double) k * g.outChannels() + MOVING * moved;
        int padded = Tiles.paddedColumns(g.outChannels());
        boolean narrow = padded % Tiles.WIDE != 0;
        double byChannels = k * (padded + (narrow ? (2 * NARROW - 1) * Tiles.NARROW : 0));
        return byPixels < byChannels;
    }

    /** Elements of the packed weights. */
    static int packedSize(ConvGeometry g) {
        int tileRows = Tiles.balancedRows(g.outChannels());
        return Math.ceilDiv(g.outChannels(), tileRows) * tileRows * g.windowSize();
    }

    /** Packs weights {@code [outChannels, kernelHeight, kernelWidth, inChannels]}. */
    static void pack(ConvGeometry g, float[] w, float[] packed) {
        int k = g.windowSize();
        int tileRows = Tiles.balancedRows(g.outChannels());
        for (int o = 0; o < g.outChannels(); o++) {
            int target = packedAt(o, tileRows, k);
            for (int i = 0; i < k; i++) {
                packed[target + i * tileRows] = w[o * k + i];
            }
        }
    }

    /** The gradient with respect to the input is the convolution of the output's gradient with the flipped weights. */
    static void inputGradient(ConvGeometry g, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        ConvGeometry back = g.transposed();
        int taps = g.kernelHeight() * g.kernelWidth();
        int k = back.windowSize();
        int tileRows = Tiles.balancedRows(back.outChannels());
        float[] packed = workers.shared().floats(ConvolutionSlots.PACKED, packedSize(back));
        for (int o = 0; o < g.outChannels(); o++) {
            for (int tap = 0; tap < taps; tap++) {
                int source = (o * taps + taps - 1 - tap) * g.inChannels();
                int step = (tap * g.outChannels() + o) * tileRows;
                for (int c = 0; c < g.inChannels(); c++) {
                    packed[packedAt(c, tileRows, k) + step] = w[source + c];
                }
            }
        }
        run(back, gradOut, packed, gradX, Epilogue.NONE, workers);
    }

    /** Where a channel's first weight lies. */
    private static int packedAt(int channel, int tileRows, int k) {
        return channel / tileRows * tileRows * k + channel % tileRows;
    }

    static void run(ConvGeometry g, float[] x, float[] packed, float[] y, Epilogue epilogue, Workers workers) {
        int tileRows = Tiles.balancedRows(g.outChannels());
        int pitch = g.outWidth() + g.kernelWidth() - 1;
        int rowSize = g.inChannels() * pitch;
        Bands bands = Bands.of(g, rowSize);
        int[] offsets = WindowOffsets.of(g, rowSize, 1, pitch);
        PixelConvolution job = new PixelConvolution(
                g,
                x,
                y,
                packed,
                offsets,
                pitch,
                rowSize,
                bands,
                Planes.of(g.inChannels()),
                Planes.of(g.outChannels()),
                tileRows,
                Tiles.pixels(tileRows),
                epilogue);
        workers.parallel(bands.count(), job);
    }

    @Override
    public void run(int task, Scratch scratch) {
        int image = bands.image(task);
        int firstRow = bands.firstRow(task);
        int width = g.outWidth();
        int rowVectors = width / Lanes.COUNT;
        int vectors = bands.rows(task) * rowVectors;
        int tiles = Math.ceilDiv(g.outChannels(), tileRows);
        float[] planes = scratch.floats(
                ConvolutionSlots.PANEL, (bands.rows(task) + g.kernelHeight() - 1) * rowSize + Lanes.COUNT);
        float[] result = scratch.floats(ConvolutionSlots.TILE, tiles * tileRows * Tiles.WIDE);
        float[] rounds = scratch.floats(ConvolutionSlots.BLOCK, LaneTranspose.SCRATCH);
        int from = (image * g.outHeight() + firstRow) * width * g.outChannels();
        int vectorSize = Lanes.COUNT * g.outChannels();
        int ready = 0;
        for (int vector = 0; vector < vectors; vector += 2) {
            int other = Math.min(vector + 1, vectors - 1);
            for (int needed = other / rowVectors + g.kernelHeight(); ready < needed; ready++) {
                split(image, firstRow - g.padding() + ready, planes, ready * rowSize, rounds);
            }
            int first = vector / rowVectors * rowSize + vector % rowVectors * Lanes.COUNT;
            int second = other / rowVectors * rowSize + other % rowVectors * Lanes.COUNT;
            multiply(tiles, planes, first, second, result);
            int target = from + vector * vectorSize;
            out.join(result, 0, Tiles.WIDE, y, target, vector + 1 == vectors, rounds);
            if (other > vector) {
                boolean edge = other + 1 == vectors;
                out.join(result, Lanes.COUNT, Tiles.WIDE, y, target + vectorSize, edge, rounds);
            }
        }
        epilogue.apply(y, from, from + vectors * vectorSize);
    }

    /** All channels of two vectors of pixels. */
    private void multiply(int tiles, float[] planes, int first, int second, float[] result) {
        for (int i = 0; i < tiles; i++) {
            int weights = i * tileRows * offsets.length;
            int to = i * tileRows * Tiles.WIDE;
            tile.multiply(offsets.length, packed, weights, planes, offsets, first, second, result, to);
        }
    }

    /** Writes a row, which may lie above or below the image, as padded planes. */
    private void split(int image, int imageRow, float[] planes, int at, float[] rounds) {
        Arrays.fill(planes, at, at + rowSize, 0);
        if (imageRow < 0 || imageRow >= g.height()) {
            return;
        }
        int source = (image * g.height() + imageRow) * g.width() * g.inChannels();
        for (int column = 0; column < g.width(); column += Lanes.COUNT) {
            in.split(x, source + column * g.inChannels(), planes, at + g.padding() + column, pitch, rounds);
        }
    }
}
