package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.DepthwiseTile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.PaddedRows;
import io.stamp.engine.vector.layout.RowMap;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;

/**
 * Convolution of each channel with a kernel of its own, lanes over channels; one task is a run of output rows. The forward pass
 * is one such pass, the gradient with respect to the input one for each phase (see {@link PhaseAxis}).
 *
 * @param kernel weights {@code [kernelHeight, kernelWidth, channels]} and a vector of whatever
 * @param map where the output's pixels lie
 * @param lines output rows of all images
 * @param tasks runs of output rows
 */
record Depthwise(PaddedRows in, float[] kernel, float[] out, RowMap map, int lines, int tasks) implements Workers.Body {

    private static final DepthwiseTile BY_3X3 = Tiles.depthwise(9);

    private static final long TASK_MACS = 1 << 17;
    private static final int MAX_TASKS = 64;

    static void forward(ConvGeometry g, float[] x, float[] w, float[] y, Workers workers) {
        int taps = g.kernelHeight() * g.kernelWidth();
        float[] kernel = kernelBuffer(g, workers);
        Packing.transpose(w, 0, taps, g.inChannels(), taps, kernel, 0, g.inChannels());
        int line = g.outWidth() * g.inChannels();
        RowMap map = new RowMap(0, g.inChannels(), g.outWidth(), line, g.outHeight(), g.outHeight() * line);
        PaddedRows rows = PaddedRows.of(
                x,
                g.height(),
                g.width(),
                g.inChannels(),
                g.kernelHeight(),
                g.kernelWidth(),
                g.stride(),
                g.padding(),
                g.padding(),
                g.outHeight(),
                g.outWidth());
        run(g.batch(), rows, kernel, y, map, workers);
    }

    static void inputGradient(ConvGeometry g, float[] gradOut, float[] w, float[] gradX, Workers workers) {
        if (PhaseAxis.leavesGaps(g)) {
            workers.parallel(g.batch(), new ZeroFill(gradX, g.inputSize() / g.batch()));
        }
        for (int row = 0; row < Math.min(g.stride(), g.height()); row++) {
            for (int column = 0; column < Math.min(g.stride(), g.width()); column++) {
                PhaseAxis rows = PhaseAxis.rows(g, row);
                PhaseAxis columns = PhaseAxis.columns(g, column);
                if (rows.taps() > 0 && columns.taps() > 0) {
                    float[] kernel = flippedKernel(g, rows, columns, w, workers);
                    PaddedRows in = PaddedRows.of(
                            gradOut,
                            g.outHeight(),
                            g.outWidth(),
                            g.inChannels(),
                            rows.taps(),
                            columns.taps(),
                            1,
                            rows.before(),
                            columns.before(),
                            rows.pixels(),
                            columns.pixels());
                    run(g.batch(), in, kernel, gradX, PhaseAxis.map(g, rows, columns), workers);
                }
            }
        }
    }

    private static float[] kernelBuffer(ConvGeometry g, Workers workers) {
        return workers.shared().floats(ConvolutionSlots.PACKED, g.weightSize() + Lanes.COUNT);
    }

    private static float[] flippedKernel(
            ConvGeometry g, PhaseAxis rows, PhaseAxis columns, float[] w, Workers workers) {
        int taps = g.kernelHeight() * g.kernelWidth();
        float[] kernel = kernelBuffer(g, workers);
        int target = 0;
        for (int row = 0; row < rows.taps(); row++) {
            for (int column = 0; column < columns.taps(); column++) {
                int tap = rows.tap(row) * g.kernelWidth() + columns.tap(column);
                for (int channel = 0; channel < g.inChannels(); channel++) {
                    kernel[target++] = w[channel * taps + tap];
                }
            }
        }
        return kernel;
    }

    private static void run(int batch, PaddedRows in, float[] kernel, float[] out, RowMap map, Workers workers) {
        int lines = batch * in.outHeight();
        long macs = (long) lines * in.outWidth() * in.channels() * in.offsets().length;
        int tasks = Math.min(lines, Math.clamp(macs / TASK_MACS, 1, MAX_TASKS));
        workers.parallel(tasks, new Depthwise(in, kernel, out, map, lines, tasks));
    }

    @Override
    public void run(int task, Scratch scratch) {
        int from = Ranges.startOfPart(lines, task, tasks);
        int to = Ranges.startOfPart(lines, task + 1, tasks);
        float[] buffer = in.buffer(scratch);
        int end;
        for (int first = from; first < to; first = end) {
            end = in.stripEnd(first, to);
            in.copy(first, end, buffer);
            for (int line = first; line < end; line++) {
                line(buffer, (line - first) * in.stride() * in.rowSize(), map.address(line * in.outWidth()));
            }
        }
    }

    /** Computes one output row; the window of its first pixel begins at {@code buffer[start]}. */
    private void line(float[] buffer, int start, int target) {
        int channels = in.channels();
        int width = in.outWidth();
        int inStep = in.stride() * channels;
        int outStep = map.rowStride();
        for (int channel = 0; channel < channels; channel += Lanes.COUNT) {
            int lanes = Math.min(Lanes.COUNT, channels - channel);
            int from = start + channel;
            int to = target + channel;
            if (in.kernelHeight() == 3 && in.kernelWidth() == 3) {
                BY_3X3.row(
                        width, lanes, buffer, from, inStep, in.offsets(), kernel, channel, channels, out, to, outStep);
                continue;
            }
            int pixel = 0;
            for (; pixel + 4 <= width; pixel += 4) {
                DepthwiseLoops.fourPixels(
                        lanes,
                        buffer,
                        from + pixel * inStep,
                        inStep,
                        in.offsets(),
                        kernel,
                        channel,
                        channels,
                        out,
                        to + pixel * outStep,
                        outStep);
            }
            for (; pixel < width; pixel++) {
                DepthwiseLoops.onePixel(
                        lanes,
                        buffer,
                        from + pixel * inStep,
                        in.offsets(),
                        kernel,
                        channel,
                        channels,
                        out,
                        to + pixel * outStep);
            }
        }
    }
}
