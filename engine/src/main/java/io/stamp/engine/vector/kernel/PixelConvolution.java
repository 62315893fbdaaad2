package io.stamp.engine.vector.kernel;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Lanes;
import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;

/**
 * Convolution of stride 1 with lanes over the pixels of a row: every lane works for any number of channels, and no window is ever
 * copied. A task takes a band of rows of one image, writes it as padded planes of one channel each, and multiplies packed weights
 * with vectors of the planes.
 *
 * @param x {@code [batch, height, width, inChannels]}
 * @param y {@code [batch, outHeight, outWidth, outChannels]}
 * @param packed weights {@code [tile][kernelHeight, kernelWidth, inChannels][tileRows]}
 * @param offsets where a window's elements lie in the planes from its start
 * @param pitch elements of a plane's row
 */
record PixelConvolution(
        ConvGeometry g,
        float[] x,
        float[] y,
        float[] packed,
        int[] offsets,
        int pitch,
        Bands bands,
        Planes in,
        Planes out,
        int tileRows,
        PixelTile tile,
        Epilogue epilogue)
        implements Workers.Body {

    /** Vector operations that moving one channel of a vector of pixels between tensor and plane costs. */
    private static final double MOVING = 20;

    /** Time of a tile with one vector of channels, where the broadcasts are the limit, as a part of that of two. */
    private static final double NARROW = 0.7;

    /**
     * Whether this kernel can do the geometry and takes less time than {@link WindowConvolution}, by multiplications and moves
     * of one vector of pixels. The two constants are measured.
     */
    static boolean wins(ConvGeometry g) {
        if (!g.isSameSize() || g.groups() > 1 || g.width() % Lanes.COUNT != 0) {
            return false;
        }
        int k = g.windowSize();
        int moved =
                Planes.of(g.inChannels()).planes() + Planes.of(g.outChannels()).planes();
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
        float[] packed = workers.shared().floats(Slots.PACKED, packedSize(back));
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
        Bands bands = Bands.of(g, Planes.of(g.inChannels()).planes() * pitch);
        int[] offsets = WindowOffsets.of(g, pitch, 1, (bands.rows() + g.kernelHeight() - 1) * pitch);
        PixelConvolution work = new PixelConvolution(
                g,
                x,
                y,
                packed,
                offsets,
                pitch,
                bands,
                Planes.of(g.inChannels()),
                Planes.of(g.outChannels()),
                tileRows,
                Tiles.pixels(tileRows),
                epilogue);
        workers.parallel(bands.count(), work);
    }

    @Override
    public void run(int task, Scratch scratch) {
        int image = bands.image(task);
        int firstRow = bands.firstRow(task);
        int rows = bands.rows(task);
        float[] planes = scratch.floats(Slots.PANEL, in.planes() * planeSize() + Lanes.COUNT);
        split(image, firstRow - g.padding(), rows + g.kernelHeight() - 1, planes, scratch);
        int vectors = rows * g.outWidth() / Lanes.COUNT;
        int tiles = Math.ceilDiv(g.outChannels(), tileRows);
        float[] result = scratch.floats(Slots.TILE, Math.max(tiles * tileRows, out.planes()) * Tiles.WIDE);
        float[] rounds = scratch.floats(Slots.BLOCK, Transpose.SCRATCH);
        for (int vector = 0; vector < vectors; vector += 2) {
            int first = vectorAt(vector);
            int second = vectorAt(Math.min(vector + 1, vectors - 1));
            for (int i = 0; i < tiles; i++) {
                tile.multiply(
                        offsets.length,
                        packed,
                        i * tileRows * offsets.length,
                        planes,
                        offsets,
                        first,
                        second,
                        result,
                        i * tileRows * Tiles.WIDE);
            }
            int target = ((image * g.outHeight() + firstRow) * g.outWidth() + vector * Lanes.COUNT) * g.outChannels();
            out.join(result, 0, Tiles.WIDE, y, target, vector + 1 == vectors, rounds);
            if (vector + 1 < vectors) {
                int next = target + Lanes.COUNT * g.outChannels();
                out.join(result, Lanes.COUNT, Tiles.WIDE, y, next, vector + 2 == vectors, rounds);
            }
        }
        int rowSize = g.outWidth() * g.outChannels();
        int from = (image * g.outHeight() + firstRow) * rowSize;
        epilogue.apply(y, from, from + rows * rowSize);
    }

    private int planeSize() {
        return (bands.rows() + g.kernelHeight() - 1) * pitch;
    }

    /** Where the windows of a vector of pixels begin in the planes. */
    private int vectorAt(int vector) {
        int rowVectors = g.outWidth() / Lanes.COUNT;
        return vector / rowVectors * pitch + vector % rowVectors * Lanes.COUNT;
    }

    /** Writes the rows from {@code firstRow} on, which may lie above or below the image, as padded planes. */
    private void split(int image, int firstRow, int rows, float[] planes, Scratch scratch) {
        float[] rounds = scratch.floats(Slots.BLOCK, Transpose.SCRATCH);
        int left = g.padding();
        int right = pitch - left - g.width();
        for (int row = 0; row < rows; row++) {
            int at = row * pitch;
            int imageRow = firstRow + row;
            boolean inside = imageRow >= 0 && imageRow < g.height();
            if (inside) {
                clear(planes, at, left);
                clear(planes, at + pitch - right, right);
                int source = (image * g.height() + imageRow) * g.width() * g.inChannels();
                for (int column = 0; column < g.width(); column += Lanes.COUNT) {
                    in.split(x, source + column * g.inChannels(), planes, at + left + column, planeSize(), rounds);
                }
            } else {
                clear(planes, at, pitch);
            }
        }
    }

    /** Sets the same places of all planes to zero. */
    private void clear(float[] planes, int at, int count) {
        int end = g.inChannels() * planeSize();
        for (int i = at; i < at + count; i++) {
            for (int plane = 0; plane < end; plane += planeSize()) {
                planes[i + plane] = 0;
            }
        }
    }
}
