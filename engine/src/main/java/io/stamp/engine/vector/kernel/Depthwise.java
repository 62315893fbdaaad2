package io.stamp.engine.vector.kernel;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Lanes;
import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Convolution of each channel with a kernel of its own, lanes over channels; one task is a run of output rows. The forward pass
 * is one such pass, the gradient with respect to the input one for each phase (see {@link PhaseAxis}).
 *
 * @param in images {@code [*, inHeight, inWidth, channels]}
 * @param kernel weights {@code [kernelHeight, kernelWidth, channels]}
 * @param top rows from the first window's first row down to the image's first; negative where the window starts inside
 * @param left the same for columns
 * @param map where the output's pixels lie
 * @param lines output rows of all images
 * @param tasks runs of output rows
 */
record Depthwise(
        float[] in,
        int inHeight,
        int inWidth,
        int channels,
        float[] kernel,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int top,
        int left,
        float[] out,
        RowMap map,
        int lines,
        int tasks)
        implements Workers.Body {

    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final long TASK_MACS = 1 << 17;
    private static final int MAX_TASKS = 64;

    static void forward(ConvGeometry g, float[] x, float[] w, float[] y, Workers workers) {
        int taps = g.kernelHeight() * g.kernelWidth();
        float[] kernel = workers.shared().floats(Slots.PACKED, taps * g.inChannels());
        Packing.transpose(w, 0, taps, g.inChannels(), taps, kernel, 0, g.inChannels());
        int line = g.outWidth() * g.inChannels();
        RowMap map = new RowMap(0, g.inChannels(), g.outWidth(), line, g.outHeight(), g.outHeight() * line);
        run(
                x,
                g.height(),
                g.width(),
                g.inChannels(),
                kernel,
                g.kernelHeight(),
                g.kernelWidth(),
                g.stride(),
                g.padding(),
                g.padding(),
                y,
                map,
                g.batch() * g.outHeight(),
                workers);
    }

    static void inputGradient(ConvGeometry g, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        if (PhaseAxis.leavesGaps(g)) {
            workers.parallel(g.batch(), new ClearImages(gradX, g.inputSize() / g.batch()));
        }
        for (int row = 0; row < Math.min(g.stride(), g.height()); row++) {
            for (int column = 0; column < Math.min(g.stride(), g.width()); column++) {
                PhaseAxis rows = PhaseAxis.rows(g, row);
                PhaseAxis columns = PhaseAxis.columns(g, column);
                if (rows.taps() > 0 && columns.taps() > 0) {
                    float[] kernel = flippedKernel(g, rows, columns, w, workers);
                    run(
                            gradOut,
                            g.outHeight(),
                            g.outWidth(),
                            g.inChannels(),
                            kernel,
                            rows.taps(),
                            columns.taps(),
                            1,
                            rows.before(),
                            columns.before(),
                            gradX,
                            PhaseAxis.map(g, rows, columns),
                            g.batch() * rows.pixels(),
                            workers);
                }
            }
        }
    }

    private static float[] flippedKernel(
            ConvGeometry g, PhaseAxis rows, PhaseAxis columns, float[] w, Workers workers) {
        int channels = g.inChannels();
        int taps = g.kernelHeight() * g.kernelWidth();
        float[] kernel = workers.shared().floats(Slots.PACKED, taps * channels);
        int target = 0;
        for (int row = 0; row < rows.taps(); row++) {
            for (int column = 0; column < columns.taps(); column++) {
                int tap = rows.tap(row) * g.kernelWidth() + columns.tap(column);
                for (int channel = 0; channel < channels; channel++) {
                    kernel[target++] = w[channel * taps + tap];
                }
            }
        }
        return kernel;
    }

    private static void run(
            float[] in,
            int inHeight,
            int inWidth,
            int channels,
            float[] kernel,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int top,
            int left,
            float[] out,
            RowMap map,
            int lines,
            Workers workers) {
        long macs = (long) lines * map.runLength() * channels * kernelHeight * kernelWidth;
        int tasks = Math.min(lines, Math.clamp(macs / TASK_MACS, 1, MAX_TASKS));
        workers.parallel(
                tasks,
                new Depthwise(
                        in,
                        inHeight,
                        inWidth,
                        channels,
                        kernel,
                        kernelHeight,
                        kernelWidth,
                        stride,
                        top,
                        left,
                        out,
                        map,
                        lines,
                        tasks));
    }

    @Override
    public void run(int task, Scratch scratch) {
        int end = (int) ((long) lines * (task + 1) / tasks);
        for (int line = (int) ((long) lines * task / tasks); line < end; line++) {
            line(line);
        }
    }

    /** Computes one output row: its ends, where windows leave the image, pixel by pixel, the rest by fours. */
    private void line(int line) {
        int width = map.runLength();
        int image = line / map.runsPerImage();
        int y0 = (line - image * map.runsPerImage()) * stride - top;
        int row0 = Math.clamp(-y0, 0, kernelHeight);
        int row1 = Math.clamp(inHeight - y0, row0, kernelHeight);
        int inside = Math.clamp(Math.ceilDiv(left, stride), 0, width);
        int outside = Math.clamp(Math.floorDiv(inWidth - kernelWidth + left, stride) + 1, inside, width);
        int inLine = (image * inHeight + y0) * inWidth;
        int target = map.address(line * width);
        for (int channel = 0; channel < channels; channel += Lanes.COUNT) {
            for (int column = 0; column < inside; column++) {
                border(row0, row1, column, inLine, channel, target);
            }
            if (outside > inside) {
                pixels(
                        outside - inside,
                        row1 - row0,
                        kernelWidth,
                        Math.min(Lanes.COUNT, channels - channel),
                        in,
                        (inLine + row0 * inWidth + inside * stride - left) * channels + channel,
                        inWidth * channels,
                        stride * channels,
                        channels,
                        kernel,
                        row0 * kernelWidth * channels + channel,
                        kernelWidth * channels,
                        out,
                        target + inside * map.rowStride() + channel,
                        map.rowStride());
            }
            for (int column = outside; column < width; column++) {
                border(row0, row1, column, inLine, channel, target);
            }
        }
    }

    /** Computes one pixel with the part of the kernel that lies inside the image. */
    private void border(int row0, int row1, int column, int inLine, int channel, int target) {
        int x0 = column * stride - left;
        int column0 = Math.clamp(-x0, 0, kernelWidth);
        int column1 = Math.clamp(inWidth - x0, column0, kernelWidth);
        pixels(
                1,
                row1 - row0,
                column1 - column0,
                Math.min(Lanes.COUNT, channels - channel),
                in,
                (inLine + row0 * inWidth + x0 + column0) * channels + channel,
                inWidth * channels,
                0,
                channels,
                kernel,
                (row0 * kernelWidth + column0) * channels + channel,
                kernelWidth * channels,
                out,
                target + column * map.rowStride() + channel,
                0);
    }

    /** One vector of channels of {@code count} neighbouring pixels whose windows of {@code rows x columns} are all inside. */
    private static void pixels(
            int count,
            int rows,
            int columns,
            int lanes,
            float[] in,
            int inOffset,
            int inLine,
            int inStep,
            int channels,
            float[] kernel,
            int kernelOffset,
            int kernelLine,
            float[] out,
            int outOffset,
            int outStep) {
        VectorMask<Float> mask = SPECIES.indexInRange(0, lanes);
        int pixel = 0;
        for (; pixel + 4 <= count; pixel += 4) {
            FloatVector s0 = FloatVector.zero(SPECIES);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int row = 0; row < rows; row++) {
                int at = inOffset + pixel * inStep + row * inLine;
                int weight = kernelOffset + row * kernelLine;
                for (int column = 0; column < columns; column++) {
                    FloatVector w = FloatVector.fromArray(SPECIES, kernel, weight + column * channels, mask);
                    int x = at + column * channels;
                    s0 = FloatVector.fromArray(SPECIES, in, x, mask).fma(w, s0);
                    s1 = FloatVector.fromArray(SPECIES, in, x + inStep, mask).fma(w, s1);
                    s2 = FloatVector.fromArray(SPECIES, in, x + 2 * inStep, mask)
                            .fma(w, s2);
                    s3 = FloatVector.fromArray(SPECIES, in, x + 3 * inStep, mask)
                            .fma(w, s3);
                }
            }
            int target = outOffset + pixel * outStep;
            s0.intoArray(out, target, mask);
            s1.intoArray(out, target + outStep, mask);
            s2.intoArray(out, target + 2 * outStep, mask);
            s3.intoArray(out, target + 3 * outStep, mask);
        }
        for (; pixel < count; pixel++) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int row = 0; row < rows; row++) {
                int at = inOffset + pixel * inStep + row * inLine;
                int weight = kernelOffset + row * kernelLine;
                for (int column = 0; column < columns; column++) {
                    FloatVector w = FloatVector.fromArray(SPECIES, kernel, weight + column * channels, mask);
                    sum = FloatVector.fromArray(SPECIES, in, at + column * channels, mask)
                            .fma(w, sum);
                }
            }
            sum.intoArray(out, outOffset + pixel * outStep, mask);
        }
    }
}
