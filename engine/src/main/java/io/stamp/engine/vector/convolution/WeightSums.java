package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;

/**
 * Partial sums of a weights' gradient, {@code [chunk][group][n][segment]}: n rounded up to whole tiles, and the elements of one
 * output channel in segments that are rounded up to whole vectors.
 *
 * @param segments of an output channel
 * @param segment elements of a segment
 * @param chunks sums of the same weights over different pixels
 */
record WeightSums(ConvGeometry g, int segments, int segment, int tileRows, int chunks, float[] partial) {
    private static final int MAX_SIZE = 1 << 20;

    /**
     * Rows of a tile for which the number of chunks is counted, and with it the order of summation; not {@link Tiles#ROWS}, which are
     * chosen by speed.
     */
    private static final int COUNTED_ROWS = Lanes.REGISTERS >= 32 ? 12 : 6;

    /** Room in the shared scratch, with at most so many chunks. */
    static WeightSums of(ConvGeometry g, int segments, int segment, int tileRows, int mostChunks, Workers workers) {
        int countedRows = Tiles.balancedRows(g.groupOutChannels(), COUNTED_ROWS);
        WeightSums counted = new WeightSums(g, segments, segment, countedRows, 1, null);
        int chunks = Math.clamp(MAX_SIZE / counted.chunkSize(), 1, mostChunks);
        int size = chunks * new WeightSums(g, segments, segment, tileRows, 1, null).chunkSize();
        float[] partial = workers.shared().floats(ConvolutionSlots.PARTIAL, size);
        return new WeightSums(g, segments, segment, tileRows, chunks, partial);
    }

    /** Elements from one segment to the next. */
    int segmentStride() {
        return Math.ceilDiv(segment, Lanes.COUNT) * Lanes.COUNT;
    }

    /** Elements from one output channel to the next. */
    int rowStride() {
        return segments * segmentStride();
    }

    private int groupSize() {
        return Math.ceilDiv(g.groupOutChannels(), tileRows) * tileRows * rowStride();
    }

    private int chunkSize() {
        return g.groups() * groupSize();
    }

    /** Where the sums of an output channel begin, counted within its group. */
    int row(int chunk, int group, int channel) {
        return chunk * chunkSize() + group * groupSize() + channel * rowStride();
    }

    /** Adds the chunks in ascending order and writes the gradient {@code [group][n][segments * segment]}. */
    void writeTo(float[] gradW, Workers workers) {
        int perTask = Math.max(1, Ranges.LENGTH / (rowStride() * chunks));
        int tasks = Math.ceilDiv(g.outChannels(), perTask);
        workers.parallel(tasks, (task, scratch) -> {
            int end = Math.min(g.outChannels(), (task + 1) * perTask);
            for (int channel = task * perTask; channel < end; channel++) {
                writeRow(channel, gradW);
            }
        });
    }

    private void writeRow(int channel, float[] gradW) {
        int n = g.groupOutChannels();
        int row = row(0, channel / n, channel % n);
        for (int chunk = 1; chunk < chunks; chunk++) {
            add(row + chunk * chunkSize(), row);
        }
        for (int i = 0; i < segments; i++) {
            int target = (channel * segments + i) * segment;
            System.arraycopy(partial, row + i * segmentStride(), gradW, target, segment);
        }
    }

    private void add(int from, int to) {
        for (int i = 0; i < rowStride(); i += Lanes.COUNT) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, partial, to + i);
            sum.add(FloatVector.fromArray(Lanes.FLOATS, partial, from + i)).intoArray(partial, to + i);
        }
    }
}
