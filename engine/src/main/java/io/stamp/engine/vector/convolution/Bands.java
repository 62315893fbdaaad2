package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.runtime.Ranges;

/**
 * The tasks of a convolution: bands of output rows, each of one image.
 *
 * @param height output rows of an image
 * @param rows output rows of a band; the last one of an image may have fewer
 * @param perImage bands of an image
 * @param count bands of all images
 */
record Bands(int height, int rows, int perImage, int count) {
    /** Floats of a band's input: half of a common second-level cache. */
    private static final int SIZE = 1 << 17;

    /**
     * @param rowSize floats of an input row
     */
    static Bands of(ConvGeometry g, int rowSize) {
        int wanted = Math.ceilDiv(Ranges.tasks(g.macs()), g.batch());
        int inputRows = Math.max(g.kernelHeight(), SIZE / rowSize);
        int mostRows = Math.min(g.outHeight(), (inputRows - g.kernelHeight()) / g.stride() + 1);
        int rows = Math.min(mostRows, Math.ceilDiv(g.outHeight(), wanted));
        int perImage = Math.ceilDiv(g.outHeight(), rows);
        return new Bands(g.outHeight(), rows, perImage, g.batch() * perImage);
    }

    int image(int band) {
        return band / perImage;
    }

    int firstRow(int band) {
        return band % perImage * rows;
    }

    int rows(int band) {
        return Math.min(rows, height - firstRow(band));
    }
}
