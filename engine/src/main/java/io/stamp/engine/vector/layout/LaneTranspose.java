package io.stamp.engine.vector.layout;

import io.stamp.engine.vector.codegen.TransposeCompiler;
import io.stamp.engine.vector.codegen.TransposeKernel;
import io.stamp.engine.vector.runtime.Lanes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Moves a vector of pixels between interleaved channels, as tensors have them, and planes of one channel each.
 *
 * <p>n vectors, n a power of two, go through log2(n) rounds; a round merges vector i and vector i + n/2, lane by lane in turns, into
 * vectors 2i and 2i + 1. Written as bits, an element's address (vector, lane) is rotated to the left by one place in
 * each round, so that after all rounds the vector's number has come from the upper bits of the lane. With few channels one
 * interleaved vector holds several pixels; which lane holds what before the first and after the last round is put
 * right by those rounds' own indices, at no cost.
 *
 * @param channels that are moved, up to {@link Lanes#COUNT}
 * @param vectors n
 * @param split from interleaved channels to planes, or back
 * @param indices for each round those of its even and those of its odd results, counted through both operands
 * @param kernel does all rounds in registers
 */
public record LaneTranspose(int channels, int vectors, boolean split, float[] indices, TransposeKernel kernel) {
    private static final int LANES = Lanes.COUNT;

    /** By vectors, vectors loaded and vectors stored: blocks of 16 channels, which most layers have, share theirs. */
    private static final Map<List<Integer>, TransposeKernel> KERNELS = new ConcurrentHashMap<>();

    /** Floats of scratch that {@link #run} needs. */
    public static final int SCRATCH = LANES * LANES;

    /**
     * @param channels 1 to {@link Lanes#COUNT}
     * @param packed whether these are all channels, so that one pixel follows the other
     * @param split from interleaved to planes, or back
     */
    static LaneTranspose of(int channels, boolean packed, boolean split) {
        int vectors = packed ? Math.max(2, Integer.highestOneBit(2 * channels - 1)) : LANES;
        int rounds = Integer.numberOfTrailingZeros(vectors);
        int loaded = split ? vectors : channels;
        int stored = split ? channels : vectors;
        TransposeKernel kernel = KERNELS.computeIfAbsent(
                List.of(vectors, loaded, stored), key -> TransposeCompiler.kernel(vectors, loaded, stored));
        LaneTranspose transpose = new LaneTranspose(channels, vectors, split, new float[rounds * 2 * LANES], kernel);
        for (int round = 0; round < rounds; round++) {
            transpose.setIndices(round, 2 * round * LANES);
        }
        return transpose;
    }

    private void setIndices(int round, int at) {
        boolean last = round == Integer.numberOfTrailingZeros(vectors) - 1;
        for (int half = 0; half < 2; half++) {
            for (int lane = 0; lane < LANES; lane++) {
                int from = half * LANES / 2 + lane / 2;
                int to = last ? laneAfter(lane) : lane;
                if (to >= 0) {
                    indices[at + half * LANES + to] = lane % 2 * LANES + (round == 0 ? laneBefore(from) : from);
                }
            }
        }
    }

    /** Pixels of an interleaved vector. */
    int pixels() {
        return LANES / vectors;
    }

    /** Where the element lies that the rounds take from this lane. */
    private int laneBefore(int lane) {
        if (!split) {
            return lane;
        }
        int channel = lane / pixels();
        return channel < channels ? lane % pixels() * channels + channel : 0;
    }

    /** Where the element belongs that the rounds put into this lane; -1 if nowhere. */
    private int laneAfter(int lane) {
        int inner = lane % vectors;
        int outer = lane / vectors;
        if (split) {
            return inner * pixels() + outer;
        }
        return inner < channels ? outer * channels + inner : -1;
    }

    /**
     * Moves one vector of pixels. A split reads full vectors where those of the last pixels may end beyond them, and a join writes
     * full vectors there; at an edge, beyond which nothing may be touched, they do not.
     *
     * @param fromStep elements between the vectors read: {@link #vectors} interleaved ones, or a plane for each channel
     * @param toStep elements between the vectors written
     * @param scratch {@link #SCRATCH} floats
     */
    void run(
            float[] from,
            int fromOffset,
            int fromStep,
            float[] to,
            int toOffset,
            int toStep,
            boolean edge,
            float[] scratch) {
        int lanes = pixels() * channels;
        if (edge && split) {
            copy(from, fromOffset, fromStep, lanes, scratch, 0, LANES);
            kernel.run(scratch, 0, LANES, to, toOffset, toStep, indices);
        } else if (edge) {
            kernel.run(from, fromOffset, fromStep, scratch, 0, LANES, indices);
            copy(scratch, 0, LANES, lanes, to, toOffset, toStep);
        } else {
            kernel.run(from, fromOffset, fromStep, to, toOffset, toStep, indices);
        }
    }

    /** Copies the vectors' first lanes. */
    private void copy(float[] from, int fromOffset, int fromStep, int lanes, float[] to, int toOffset, int toStep) {
        VectorMask<Float> mask = Lanes.first(lanes);
        for (int i = 0; i < vectors; i++) {
            FloatVector.fromArray(Lanes.FLOATS, from, fromOffset + i * fromStep, mask)
                    .intoArray(to, toOffset + i * toStep, mask);
        }
    }
}
