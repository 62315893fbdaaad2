package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.DepthwiseGradientTile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.PaddedRows;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;

/**
 * The gradient of a depthwise convolution with respect to its weights, lanes over channels. A task sums a chunk of the output
 * rows; the number of chunks depends on the shape alone and they are added in ascending order.
 *
 * @param gradOut {@code [batch, outHeight, outWidth, channels]}
 * @param lines output rows of all images
 * @param partial sums {@code [chunk][kernel position][pitch]}
 * @param pitch channels rounded up to whole vectors
 */
record DepthwiseWeightGradient(PaddedRows in, float[] gradOut, int lines, float[] partial, int pitch, int chunks)
        implements Workers.Body {

    private static final DepthwiseGradientTile BY_3X3 = Tiles.depthwiseGradient(9);

    private static final long TASK_MACS = 1 << 17;
    private static final int MAX_CHUNKS = 32;

    static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int lines = g.batch() * g.outHeight();
        int channels = g.inChannels();
        int pitch = Math.ceilDiv(channels, Lanes.COUNT) * Lanes.COUNT;
        int chunks = Math.min(lines, Math.clamp(g.macs() / TASK_MACS, 1, MAX_CHUNKS));
        PaddedRows in = PaddedRows.of(
                x,
                g.height(),
                g.width(),
                channels,
                g.kernelHeight(),
                g.kernelWidth(),
                g.stride(),
                g.padding(),
                g.padding(),
                g.outHeight(),
                g.outWidth());
        int taps = in.offsets().length;
        int sums = taps * pitch;
        float[] partial = workers.shared().floats(ConvolutionSlots.PARTIAL, chunks * sums);
        workers.parallel(chunks, new DepthwiseWeightGradient(in, gradOut, lines, partial, pitch, chunks));
        for (int chunk = 1; chunk < chunks; chunk++) {
            for (int i = 0; i < sums; i++) {
                partial[i] += partial[chunk * sums + i];
            }
        }
        Packing.transpose(partial, 0, pitch, taps, channels, gradW, 0, taps);
    }

    @Override
    public void run(int chunk, Scratch scratch) {
        int from = Ranges.startOfPart(lines, chunk, chunks);
        int to = Ranges.startOfPart(lines, chunk + 1, chunks);
        int sums = chunk * in.offsets().length * pitch;
        Arrays.fill(partial, sums, sums + in.offsets().length * pitch, 0);
        int outLine = in.outWidth() * in.channels();
        float[] buffer = in.buffer(scratch);
        float[] gradients = scratch.floats(ConvolutionSlots.BLOCK, outLine + Lanes.COUNT);
        int end;
        for (int first = from; first < to; first = end) {
            end = in.stripEnd(first, to);
            in.copy(first, end, buffer);
            for (int line = first; line < end; line++) {
                System.arraycopy(gradOut, line * outLine, gradients, 0, outLine);
                line(buffer, (line - first) * in.stride() * in.rowSize(), gradients, sums);
            }
        }
    }

    /** Adds the products of one output row and its windows, the first of which begins at {@code buffer[start]}. */
    private void line(float[] buffer, int start, float[] gradients, int sums) {
        int channels = in.channels();
        int inStep = in.stride() * channels;
        for (int channel = 0; channel < channels; channel += Lanes.COUNT) {
            int from = start + channel;
            if (in.kernelHeight() == 3 && in.kernelWidth() == 3) {
                BY_3X3.add(
                        in.outWidth(),
                        buffer,
                        from,
                        inStep,
                        in.offsets(),
                        gradients,
                        channel,
                        channels,
                        partial,
                        sums + channel,
                        pitch);
                continue;
            }
            for (int tap = 0; tap < in.offsets().length; tap++) {
                DepthwiseLoops.gradient(
                        in.outWidth(),
                        buffer,
                        from + in.offsets()[tap],
                        inStep,
                        gradients,
                        channel,
                        channels,
                        partial,
                        sums + tap * pitch + channel);
            }
        }
    }
}
