package io.stamp.engine.vector.layout;

import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Slot;
import java.util.Arrays;

/**
 * Rows of images that are copied with their zero padding, a few at a time, so that no window has a border.
 *
 * @param images {@code [*, height, width, channels]}
 * @param kernelHeight rows of a window
 * @param kernelWidth columns of a window
 * @param stride between windows
 * @param top rows from the first window's first row down to the image's first; negative where the window starts inside
 * @param left the same for columns
 * @param outHeight windows in a column
 * @param outWidth windows in a row
 * @param offsets where a window's elements lie from its start in a copy, for each position of the kernel
 */
public record PaddedRows(
        float[] images,
        int height,
        int width,
        int channels,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int top,
        int left,
        int outHeight,
        int outWidth,
        int[] offsets) {

    /** Per thread: the copied rows. */
    private static final Slot STRIP = new Slot();

    /** Floats of rows that are copied together: what a second-level cache holds. */
    private static final int SIZE = 1 << 16;

    public static PaddedRows of(
            float[] images,
            int height,
            int width,
            int channels,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int top,
            int left,
            int outHeight,
            int outWidth) {
        int[] offsets = new int[kernelHeight * kernelWidth];
        int row = ((outWidth - 1) * stride + kernelWidth) * channels;
        for (int tap = 0; tap < offsets.length; tap++) {
            offsets[tap] = tap / kernelWidth * row + tap % kernelWidth * channels;
        }
        return new PaddedRows(
                images,
                height,
                width,
                channels,
                kernelHeight,
                kernelWidth,
                stride,
                top,
                left,
                outHeight,
                outWidth,
                offsets);
    }

    /** Elements of a copied row. */
    public int rowSize() {
        return ((outWidth - 1) * stride + kernelWidth) * channels;
    }

    /** How many lines of windows to prepare together. */
    int stripLines() {
        return Math.max(1, (SIZE / rowSize() - kernelHeight) / stride + 1);
    }

    /** The buffer for a strip, which may be read a vector beyond its end. */
    public float[] buffer(Scratch scratch) {
        return scratch.floats(STRIP, ((stripLines() - 1) * stride + kernelHeight) * rowSize() + Lanes.COUNT);
    }

    /** The last of the lines from {@code line} to {@code end - 1} that one strip of one image can hold, plus one. */
    public int stripEnd(int line, int end) {
        return Math.min(Math.min(line + stripLines(), end), (line / outHeight + 1) * outHeight);
    }

    /**
     * Copies what the windows of lines {@code line} to {@code end - 1} see, all of one image; lines count on through the
     * images. The window of the first line's first pixel begins at 0, the next line's {@code stride * rowSize()} further on.
     */
    public void copy(int line, int end, float[] buffer) {
        int image = line / outHeight;
        int y0 = (line - image * outHeight) * stride - top;
        int rows = (end - line - 1) * stride + kernelHeight;
        int columns = rowSize() / channels;
        int first = Math.clamp(left, 0, columns);
        int last = Math.clamp((long) width + left, first, columns);
        for (int row = 0; row < rows; row++) {
            int target = row * rowSize();
            int y = y0 + row;
            if (y < 0 || y >= height || last == first) {
                Arrays.fill(buffer, target, target + rowSize(), 0);
                continue;
            }
            int source = ((image * height + y) * width + first - left) * channels;
            Arrays.fill(buffer, target, target + first * channels, 0);
            System.arraycopy(images, source, buffer, target + first * channels, (last - first) * channels);
            Arrays.fill(buffer, target + last * channels, target + rowSize(), 0);
        }
    }
}
