package io.stamp.engine.vector.layout;

/**
 * Where the rows of a result lie: as pixels of images, of which the result may own every second only. All distances are in
 * elements.
 *
 * @param offset of row 0
 * @param rowStride between neighbours in a run
 * @param runLength rows in a run, that is pixels in an image row
 * @param runStride between the starts of two runs
 * @param runsPerImage runs before the next image
 * @param imageStride between the starts of two images
 */
public record RowMap(int offset, int rowStride, int runLength, int runStride, int runsPerImage, int imageStride) {

    /** Rows at equal distances. */
    public static RowMap dense(int offset, int rowStride) {
        return new RowMap(offset, rowStride, Integer.MAX_VALUE, 0, 1, 0);
    }

    /** Where a row begins. */
    public int address(int row) {
        int run = row / runLength;
        int image = run / runsPerImage;
        return offset
                + image * imageStride
                + (run - image * runsPerImage) * runStride
                + (row - run * runLength) * rowStride;
    }

    /** How many rows from this one on are {@link #rowStride} apart. */
    public int equallySpaced(int row) {
        return runLength - row % runLength;
    }
}
