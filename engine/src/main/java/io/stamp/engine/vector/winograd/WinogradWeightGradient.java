package io.stamp.engine.vector.winograd;

import static io.stamp.engine.vector.winograd.WinogradLayout.BLOCK;
import static io.stamp.engine.vector.winograd.WinogradLayout.CHANNELS;
import static io.stamp.engine.vector.winograd.WinogradLayout.FREQUENCIES;
import static io.stamp.engine.vector.winograd.WinogradLayout.SUM_STEP;
import static io.stamp.engine.vector.winograd.WinogradLayout.TILE_PITCH;
import static io.stamp.engine.vector.winograd.WinogradLayout.TILE_STEP;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.ColumnTiles;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.WinogradLayout.ChannelBlocks;
import io.stamp.engine.vector.winograd.WinogradLayout.TileBlocks;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient with respect to the weights by {@link WinogradLayout}: for each frequency the GEMM of the transformed output's gradient
 * {@code [out][tiles]} and the transformed input {@code [tiles][in]}. A task sums a chunk of the blocks of tiles for a pair of a block of
 * output and one of input channels. Where there is one pair, it transforms both for itself; otherwise they are transformed first, some
 * blocks of tiles in each round, and shared by the tasks.
 *
 * @param firstBlock of the round
 * @param endBlock of the round, exclusive
 * @param chunks of a round's blocks, each with sums of its own
 * @param shared transformed input and output's gradient, {@code [block][in block, out block]}, or null where the tasks transform them
 * @param sums {@code [chunk][pair]}, or null where a task has all blocks and finishes its sums itself
 * @param tileRows output channels of a tile
 */
public record WinogradWeightGradient(
        ConvGeometry g,
        WinogradTiles input,
        WinogradTiles outputGradient,
        float[] gradW,
        TileBlocks blocks,
        ChannelBlocks in,
        ChannelBlocks out,
        int firstBlock,
        int endBlock,
        int chunks,
        float[] shared,
        float[] sums,
        int tileRows,
        ColumnTiles columnTiles)
        implements Workers.Body {

    /** Blocks of one channel block that are shared in a round: 9 MiB, which a third-level cache holds. */
    private static final int SHARED_BLOCKS = 24;

    /** As many in one round are still faster than sums that are kept from round to round. */
    private static final int MOST_SHARED_BLOCKS = 48;

    /** Sums of one pair at most. */
    private static final int MAX_CHUNKS = 16;

    /** Pairs and chunks together, where there are few pairs. */
    private static final int FEW_TASKS = 8;

    private static final int SUMS = FREQUENCIES * SUM_STEP;
    private static final int TAPS = MinimalFilter.TAPS * MinimalFilter.TAPS;

    public static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int blocks = TileBlocks.of(g).count();
        int in = ChannelBlocks.of(g.inChannels()).count();
        int out = ChannelBlocks.of(g.outChannels()).count();
        int pairs = in * out;
        if (pairs == 1) {
            int chunks = Math.min(blocks, MAX_CHUNKS);
            float[] sums = workers.shared().floats(WinogradSlots.PARTIAL, chunks * SUMS);
            WinogradWeightGradient job = of(g, x, gradOut, gradW, 0, blocks, chunks, null, sums);
            workers.parallel(chunks, job);
            workers.parallel(g.outChannels(), job::finish);
            return;
        }
        int perRound = Math.max(1, SHARED_BLOCKS / (in + out));
        int rounds = blocks * (in + out) <= MOST_SHARED_BLOCKS ? 1 : Math.ceilDiv(blocks, perRound);
        int chunks = Math.clamp(FEW_TASKS / pairs, 1, blocks / rounds);
        int largestRound = Math.ceilDiv(blocks, rounds);
        float[] shared = workers.shared().floats(WinogradSlots.PACKED, largestRound * (in + out) * BLOCK);
        boolean atOnce = rounds == 1 && chunks == 1;
        float[] sums = atOnce ? null : workers.shared().floats(WinogradSlots.PARTIAL, chunks * pairs * SUMS);
        for (int round = 0; round < rounds; round++) {
            int first = Ranges.startOfPart(blocks, round, rounds);
            int end = Ranges.startOfPart(blocks, round + 1, rounds);
            WinogradWeightGradient job = of(g, x, gradOut, gradW, first, end, chunks, shared, sums);
            workers.parallel(2 * job.shareTasks(), job::share);
            workers.parallel(pairs * chunks, job);
            if (round + 1 == rounds && !atOnce) {
                workers.parallel(g.outChannels(), job::finish);
            }
        }
    }

    private static WinogradWeightGradient of(
            ConvGeometry g,
            float[] x,
            float[] gradOut,
            float[] gradW,
            int firstBlock,
            int endBlock,
            int chunks,
            float[] shared,
            float[] sums) {
        ChannelBlocks out = ChannelBlocks.of(g.outChannels());
        int tileRows = Tiles.balancedRows(Math.min(out.width(), g.outChannels()));
        return new WinogradWeightGradient(
                g,
                WinogradTiles.input(g, x),
                WinogradTiles.outputGradient(g, gradOut),
                gradW,
                TileBlocks.of(g),
                ChannelBlocks.of(g.inChannels()),
                out,
                firstBlock,
                endBlock,
                chunks,
                shared,
                sums,
                tileRows,
                ColumnTiles.of(tileRows));
    }

    private int shareTasks() {
        return Math.min(blocks.start(endBlock) - blocks.start(firstBlock), Ranges.WANTED_TASKS);
    }

    /** Transforms a part of the round's tiles, of the input or of the output's gradient. */
    private void share(int task, Scratch scratch) {
        boolean ofInput = task % 2 == 0;
        int start = blocks.start(firstBlock);
        int tiles = blocks.start(endBlock) - start;
        int tile = start + Ranges.startOfPart(tiles, task / 2, shareTasks());
        int end = start + Ranges.startOfPart(tiles, task / 2 + 1, shareTasks());
        for (int block = firstBlock; block < endBlock; block++) {
            int from = Math.max(tile, blocks.start(block));
            int to = Math.min(end, blocks.start(block + 1));
            if (from < to) {
                int at = at(block, ofInput ? 0 : in.count()) + (from - blocks.start(block)) * TILE_PITCH;
                (ofInput ? input : outputGradient).read(from, to, shared, at, scratch);
            }
        }
    }

    /** Where a block begins among the shared ones. */
    private int at(int block, int channelBlock) {
        return ((block - firstBlock) * (in.count() + out.count()) + channelBlock) * BLOCK;
    }

    @Override
    public void run(int task, Scratch scratch) {
        int pair = task / chunks;
        int chunk = task % chunks;
        int outBlock = pair / in.count();
        int inBlock = pair % in.count();
        int first = firstBlock + Ranges.startOfPart(endBlock - firstBlock, chunk, chunks);
        int end = firstBlock + Ranges.startOfPart(endBlock - firstBlock, chunk + 1, chunks);
        float[] c = sums == null ? scratch.floats(WinogradSlots.SUMS, SUMS) : sums;
        int to = sums == null ? 0 : sumsAt(chunk, outBlock, inBlock);
        for (int block = first; block < end; block++) {
            boolean accumulate = firstBlock > 0 || block > first;
            if (shared == null) {
                float[] x = scratch.floats(WinogradSlots.PANEL, BLOCK);
                float[] gradient = scratch.floats(WinogradSlots.BLOCK, BLOCK);
                input.read(blocks.start(block), blocks.start(block + 1), x, 0, scratch);
                outputGradient.read(blocks.start(block), blocks.start(block + 1), gradient, 0, scratch);
                multiply(block, outBlock, inBlock, gradient, 0, x, 0, c, to, accumulate);
            } else {
                int a = at(block, in.count() + outBlock);
                multiply(block, outBlock, inBlock, shared, a, shared, at(block, inBlock), c, to, accumulate);
            }
        }
        if (sums == null) {
            for (int channel = 0; channel < out.size(outBlock); channel++) {
                finish(outBlock, channel, inBlock, c, channel * CHANNELS);
            }
        }
    }

    private int sumsAt(int chunk, int outBlock, int inBlock) {
        return ((chunk * out.count() + outBlock) * in.count() + inBlock) * SUMS;
    }

    private void multiply(
            int block,
            int outBlock,
            int inBlock,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            boolean accumulate) {
        for (int frequency = 0; frequency < FREQUENCIES; frequency++) {
            for (int row = 0; row < out.size(outBlock); row += tileRows) {
                columnTiles.multiply(
                        blocks.size(block),
                        a,
                        aOffset + frequency * TILE_STEP + row,
                        TILE_PITCH,
                        b,
                        bOffset + frequency * TILE_STEP,
                        TILE_PITCH,
                        in.size(inBlock),
                        c,
                        cOffset + frequency * SUM_STEP + row * CHANNELS,
                        CHANNELS,
                        accumulate);
            }
        }
    }

    /** Adds the chunks of one output channel in ascending order and transforms them back. */
    private void finish(int channel, Scratch scratch) {
        int outBlock = channel / out.width();
        int inner = channel - out.start(outBlock);
        for (int inBlock = 0; inBlock < in.count(); inBlock++) {
            int at = sumsAt(0, outBlock, inBlock) + inner * CHANNELS;
            for (int chunk = 1; chunk < chunks; chunk++) {
                add(sumsAt(chunk, outBlock, inBlock) + inner * CHANNELS, at, in.size(inBlock));
            }
            finish(outBlock, inner, inBlock, sums, at);
        }
    }

    private void add(int from, int to, int count) {
        for (int frequency = 0; frequency < FREQUENCIES; frequency++) {
            for (int i = frequency * SUM_STEP; i < frequency * SUM_STEP + count; i += Lanes.COUNT) {
                FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, to + i);
                sum.add(FloatVector.fromArray(Lanes.FLOATS, sums, from + i)).intoArray(sums, to + i);
            }
        }
    }

    private void finish(int outBlock, int channel, int inBlock, float[] from, int at) {
        int channels = g.inChannels();
        int target = (out.start(outBlock) + channel) * TAPS * channels + in.start(inBlock);
        WinogradLayout.WEIGHT_GRADIENT.run(
                in.size(inBlock), from, at, gradW, target, MinimalFilter.TAPS * channels, channels);
    }
}
