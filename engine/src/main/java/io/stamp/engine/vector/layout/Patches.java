package io.stamp.engine.vector.layout;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.runtime.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The matrix of a convolution's input windows ("im2col"): a row for each output pixel, a column for each
 * {@code (kernel row, kernel column, channel of the group)}, zero where the window leaves the image. Batch index = group.
 *
 * @param x images {@code [*, height, width, channels]}
 * @param segments contiguous pieces of a window row: 1, or {@code kernelWidth} where a group's channels are not all channels
 * @param segmentLength elements of such a piece
 * @param top rows from the first window's first row down to the image's first; negative where the window starts inside
 * @param left the same for columns
 * @param outHeight windows in a column
 * @param outWidth windows in a row
 */
public record Patches(
        float[] x,
        int height,
        int width,
        int channels,
        int groupChannels,
        int segments,
        int segmentLength,
        int stride,
        int top,
        int left,
        int outHeight,
        int outWidth)
        implements RowSource {

    /** The windows that the forward pass sees. */
    public static Patches ofInput(ConvGeometry g, float[] x) {
        return of(
                x,
                g.height(),
                g.width(),
                g.inChannels(),
                g.groups(),
                g.kernelWidth(),
                g.stride(),
                g.padding(),
                g.padding(),
                g.outHeight(),
                g.outWidth());
    }

    public static Patches of(
            float[] x,
            int height,
            int width,
            int channels,
            int groups,
            int kernelWidth,
            int stride,
            int top,
            int left,
            int outHeight,
            int outWidth) {
        int groupChannels = channels / groups;
        int segments = groups == 1 ? 1 : kernelWidth;
        int segmentLength = groups == 1 ? kernelWidth * channels : groupChannels;
        return new Patches(
                x,
                height,
                width,
                channels,
                groupChannels,
                segments,
                segmentLength,
                stride,
                top,
                left,
                outHeight,
                outWidth);
    }

    @Override
    public void pack(int group, int firstRow, int rows, int k0, int k1, float[] panel, int offset, int rowStride) {
        int column = firstRow % outWidth;
        int line = firstRow / outWidth;
        int count;
        for (int i = 0; i < rows; i += count) {
            count = Math.min(rows - i, outWidth - column);
            packRun(group, line, column, count, k0, k1, panel, offset + i * rowStride - k0, rowStride);
            column = 0;
            line++;
        }
    }

    /** Packs {@code count} neighbours of one output row; column k of the first goes to {@code panel[base + k]}. */
    private void packRun(
            int group, int line, int column, int count, int k0, int k1, float[] panel, int base, int rowStride) {
        int image = line / outHeight;
        int y0 = (line - image * outHeight) * stride - top;
        int x0 = column * stride - left;
        int segment = k0 / segmentLength;
        for (int start = segment * segmentLength; start < k1; start += segmentLength, segment++) {
            int kernelRow = segment / segments;
            int y = y0 + kernelRow;
            int from = Math.max(start, k0);
            int to = Math.min(start + segmentLength, k1);
            if (y < 0 || y >= height) {
                for (int i = 0; i < count; i++) {
                    clear(panel, base + i * rowStride + from, to - from);
                }
                continue;
            }
            int xs = x0 + segment - kernelRow * segments;
            int source = ((image * height + y) * width + xs) * channels + group * groupChannels - start;
            packSegment(start, from, to, xs, count, source, panel, base, rowStride);
        }
    }

    /** Packs columns {@code from} to {@code to - 1}, all of one segment, of {@code count} neighbours. */
    private void packSegment(
            int start, int from, int to, int xs, int count, int source, float[] panel, int base, int rowStride) {
        int pixels = Math.ceilDiv(segmentLength, channels);
        int inside = Math.clamp(Math.ceilDiv(-xs, stride), 0, count);
        int outside = Math.clamp(Math.floorDiv(width - pixels - xs, stride) + 1, inside, count);
        int step = stride * channels;
        int last = source + (outside - 1) * step + to;
        if (last + Lanes.COUNT > x.length) {
            outside = inside;
        }
        for (int i = 0; i < inside; i++) {
            packBorder(start, from, to, xs + i * stride, source + i * step, panel, base + i * rowStride);
        }
        copyBlock(
                x,
                source + inside * step + from,
                step,
                panel,
                base + inside * rowStride + from,
                rowStride,
                outside - inside,
                to - from);
        for (int i = outside; i < count; i++) {
            packBorder(start, from, to, xs + i * stride, source + i * step, panel, base + i * rowStride);
        }
    }

    /** Packs columns {@code from} to {@code to - 1}, all of one segment, of a window that may leave the image. */
    private void packBorder(int start, int from, int to, int xs, int source, float[] panel, int base) {
        int validFrom = xs >= 0 ? from : Math.clamp(start - (long) xs * channels, from, to);
        int validTo = Math.clamp(start + (long) (width - xs) * channels, validFrom, to);
        clear(panel, base + from, validFrom - from);
        if (validTo > validFrom) {
            System.arraycopy(x, source + validFrom, panel, base + validFrom, validTo - validFrom);
        }
        clear(panel, base + validTo, to - validTo);
    }

    /** Copies {@code count} rows of {@code length} floats, each with up to a vector less one beyond. */
    public static void copyBlock(
            float[] from,
            int fromOffset,
            int fromStride,
            float[] to,
            int toOffset,
            int toStride,
            int count,
            int length) {
        for (int i = 0; i < length; i += Lanes.COUNT) {
            for (int row = 0; row < count; row++) {
                FloatVector.fromArray(Lanes.FLOATS, from, fromOffset + i + row * fromStride)
                        .intoArray(to, toOffset + i + row * toStride);
            }
        }
    }

    /** Writes {@code length} zeros and up to a vector less one beyond. */
    public static void clear(float[] to, int toOffset, int length) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < length; i += Lanes.COUNT) {
            zero.intoArray(to, toOffset + i);
        }
    }
}
