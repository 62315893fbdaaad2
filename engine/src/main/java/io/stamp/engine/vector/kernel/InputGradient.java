package io.stamp.engine.vector.kernel;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;
import java.util.Arrays;

/**
 * The gradient of a convolution with respect to its input.
 *
 * <p>An input row i meets the kernel rows {@code r, r + stride, r + 2 stride, ...} with {@code r = (i + padding) % stride} only.
 * The input pixels are therefore split into stride x stride phases, and the gradient of each is a convolution of stride 1 of
 * the output's gradient with the flipped kernel of that phase, so that no product with an inserted zero is ever made.
 */
final class InputGradient {
    private InputGradient() {}

    static void run(ConvGeometry g, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        if (g.stride() > Math.min(g.kernelHeight(), g.kernelWidth())) {
            workers.parallel(g.batch(), new Clear(gradX, g.inputSize() / g.batch()));
        }
        for (int row = 0; row < Math.min(g.stride(), g.height()); row++) {
            for (int column = 0; column < Math.min(g.stride(), g.width()); column++) {
                Axis rows = Axis.of(g, row, g.kernelHeight(), g.height());
                Axis columns = Axis.of(g, column, g.kernelWidth(), g.width());
                if (rows.taps > 0 && columns.taps > 0) {
                    runPhase(g, rows, columns, gradOut, w, gradX, workers);
                }
            }
        }
    }

    private static void runPhase(
            ConvGeometry g, Axis rows, Axis columns, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        int n = g.groupInChannels();
        int k = rows.taps * columns.taps * g.groupOutChannels();
        int tiles = Tiles.count(n);
        int packedStride = k * Tiles.paddedColumns(n);
        float[] packed = workers.shared().floats(Slots.PACKED, g.groups() * packedStride);
        workers.parallel(g.groups() * tiles, new PackFlipped(g, rows, columns, k, tiles, w, packed, packedStride));
        Patches windows = Patches.of(
                gradOut,
                g.outHeight(),
                g.outWidth(),
                g.outChannels(),
                g.groups(),
                columns.taps,
                1,
                rows.before,
                columns.before,
                rows.pixels,
                columns.pixels);
        int pixel = g.inChannels();
        int line = g.width() * pixel;
        RowMap map = new RowMap(
                rows.phase * line + columns.phase * pixel,
                g.stride() * pixel,
                columns.pixels,
                g.stride() * line,
                rows.pixels,
                g.height() * line);
        PanelProduct.run(
                g.groups(),
                g.batch() * rows.pixels * columns.pixels,
                n,
                k,
                windows,
                packed,
                packedStride,
                gradX,
                map,
                n,
                workers);
    }

    /**
     * One phase along one axis.
     *
     * @param phase first input position
     * @param pixels input positions
     * @param firstTap first kernel position that they meet
     * @param taps kernel positions that they meet
     * @param before output positions that the first window begins before the output's first; negative if after it
     */
    private record Axis(int phase, int pixels, int firstTap, int taps, int before) {
        static Axis of(ConvGeometry g, int phase, int kernel, int size) {
            int firstTap = (phase + g.padding()) % g.stride();
            int taps = firstTap < kernel ? (kernel - 1 - firstTap) / g.stride() + 1 : 0;
            int before = taps - 1 - (phase + g.padding()) / g.stride();
            return new Axis(phase, Math.ceilDiv(size - phase, g.stride()), firstTap, taps, before);
        }

        /** Kernel position of a place in the flipped kernel. */
        int tap(int place, int stride) {
            return firstTap + (taps - 1 - place) * stride;
        }
    }

    /** Packs the flipped kernel of a phase, {@code [group][taps, groupOutChannels][groupInChannels]}, tile by tile. */
    private record PackFlipped(
            ConvGeometry g, Axis rows, Axis columns, int k, int tiles, float[] w, float[] packed, int packedStride)
            implements Workers.Body {
        @Override
        public void run(int task, Scratch scratch) {
            int group = task / tiles;
            int tile = task % tiles;
            int n = g.groupInChannels();
            int width = Tiles.width(n, tile);
            int filter = g.kernelHeight() * g.kernelWidth() * n;
            int target = group * packedStride + tile * Tiles.WIDE * k;
            for (int row = 0; row < rows.taps; row++) {
                for (int column = 0; column < columns.taps; column++) {
                    int tap = rows.tap(row, g.stride()) * g.kernelWidth() + columns.tap(column, g.stride());
                    int source = group * g.groupOutChannels() * filter + tap * n;
                    Packing.packTile(w, source, filter, g.groupOutChannels(), n, tile, packed, target);
                    target += g.groupOutChannels() * width;
                }
            }
        }
    }

    /** Clears one image. */
    private record Clear(float[] images, int imageSize) implements Workers.Body {
        @Override
        public void run(int image, Scratch scratch) {
            Arrays.fill(images, image * imageSize, (image + 1) * imageSize, 0);
        }
    }
}
