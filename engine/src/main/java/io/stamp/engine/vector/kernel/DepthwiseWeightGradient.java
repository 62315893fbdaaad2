package io.stamp.engine.vector.kernel;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Lanes;
import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of a depthwise convolution with respect to its weights, lanes over channels. A task sums a chunk of the output
 * rows; the number of chunks depends on the shape alone and they are added in ascending order.
 *
 * @param partial sums {@code [chunk][tap][channel]}
 */
record DepthwiseWeightGradient(ConvGeometry g, float[] x, float[] gradOut, float[] partial, int chunks)
        implements Workers.Body {

    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final long TASK_MACS = 1 << 17;
    private static final int MAX_CHUNKS = 32;

    static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int lines = g.batch() * g.outHeight();
        int chunks = Math.min(lines, Math.clamp(g.macs() / TASK_MACS, 1, MAX_CHUNKS));
        int taps = g.kernelHeight() * g.kernelWidth();
        int sums = taps * g.inChannels();
        float[] partial = workers.shared().floats(Slots.PARTIAL, chunks * sums);
        workers.parallel(chunks, new DepthwiseWeightGradient(g, x, gradOut, partial, chunks));
        for (int chunk = 1; chunk < chunks; chunk++) {
            for (int i = 0; i < sums; i++) {
                partial[i] += partial[chunk * sums + i];
            }
        }
        Packing.transpose(partial, 0, g.inChannels(), taps, g.inChannels(), gradW, 0, taps);
    }

    @Override
    public void run(int chunk, Scratch scratch) {
        int lines = g.batch() * g.outHeight();
        int from = (int) ((long) lines * chunk / chunks);
        int to = (int) ((long) lines * (chunk + 1) / chunks);
        int sums = chunk * g.weightSize();
        Arrays.fill(partial, sums, sums + g.weightSize(), 0);
        int next;
        for (int line = from; line < to; line = next) {
            int image = line / g.outHeight();
            next = Math.min(to, (image + 1) * g.outHeight());
            image(image, line - image * g.outHeight(), next - image * g.outHeight(), sums);
        }
    }

    /** Adds output rows {@code row0} to {@code row1 - 1} of one image to the sums. */
    private void image(int image, int row0, int row1, int sums) {
        int channels = g.inChannels();
        for (int channel = 0; channel < channels; channel += Lanes.COUNT) {
            for (int kernelRow = 0; kernelRow < g.kernelHeight(); kernelRow++) {
                int down = g.padding() - kernelRow;
                int firstRow = Math.clamp(Math.ceilDiv(down, g.stride()), row0, row1);
                int endRow = Math.clamp(Math.floorDiv(g.height() - 1 + down, g.stride()) + 1, firstRow, row1);
                for (int kernelColumn = 0; kernelColumn < g.kernelWidth(); kernelColumn++) {
                    int right = g.padding() - kernelColumn;
                    int first = Math.clamp(Math.ceilDiv(right, g.stride()), 0, g.outWidth());
                    int end = Math.clamp(Math.floorDiv(g.width() - 1 + right, g.stride()) + 1, first, g.outWidth());
                    int inPixel = (image * g.height() + firstRow * g.stride() - down) * g.width()
                            + first * g.stride()
                            - right;
                    int outPixel = (image * g.outHeight() + firstRow) * g.outWidth() + first;
                    int tap = kernelRow * g.kernelWidth() + kernelColumn;
                    tap(
                            endRow - firstRow,
                            end - first,
                            Math.min(Lanes.COUNT, channels - channel),
                            x,
                            inPixel * channels + channel,
                            g.stride() * g.width() * channels,
                            g.stride() * channels,
                            gradOut,
                            outPixel * channels + channel,
                            g.outWidth() * channels,
                            channels,
                            partial,
                            sums + tap * channels + channel);
                }
            }
        }
    }

    /** Adds the products of {@code rows x columns} pixels of input and output to one vector of sums. */
    private static void tap(
            int rows,
            int columns,
            int lanes,
            float[] x,
            int xOffset,
            int xLine,
            int xStep,
            float[] y,
            int yOffset,
            int yLine,
            int yStep,
            float[] sums,
            int sumOffset) {
        VectorMask<Float> mask = SPECIES.indexInRange(0, lanes);
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, sumOffset, mask);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = s1;
        FloatVector s3 = s1;
        for (int row = 0; row < rows; row++) {
            int i = xOffset + row * xLine;
            int o = yOffset + row * yLine;
            int column = 0;
            for (; column + 4 <= columns; column += 4) {
                s0 = FloatVector.fromArray(SPECIES, x, i, mask).fma(FloatVector.fromArray(SPECIES, y, o, mask), s0);
                s1 = FloatVector.fromArray(SPECIES, x, i + xStep, mask)
                        .fma(FloatVector.fromArray(SPECIES, y, o + yStep, mask), s1);
                s2 = FloatVector.fromArray(SPECIES, x, i + 2 * xStep, mask)
                        .fma(FloatVector.fromArray(SPECIES, y, o + 2 * yStep, mask), s2);
                s3 = FloatVector.fromArray(SPECIES, x, i + 3 * xStep, mask)
                        .fma(FloatVector.fromArray(SPECIES, y, o + 3 * yStep, mask), s3);
                i += 4 * xStep;
                o += 4 * yStep;
            }
            for (; column < columns; column++) {
                s0 = FloatVector.fromArray(SPECIES, x, i, mask).fma(FloatVector.fromArray(SPECIES, y, o, mask), s0);
                i += xStep;
                o += yStep;
            }
        }
        s0.add(s1).add(s2.add(s3)).intoArray(sums, sumOffset, mask);
    }
}
