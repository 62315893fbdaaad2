package io.stamp.engine.vector.winograd;

import static io.stamp.engine.vector.winograd.WinogradLayout.BLOCK;
import static io.stamp.engine.vector.winograd.WinogradLayout.FREQUENCIES;
import static io.stamp.engine.vector.winograd.WinogradLayout.PRODUCT_STEP;
import static io.stamp.engine.vector.winograd.WinogradLayout.TILE_PITCH;
import static io.stamp.engine.vector.winograd.WinogradLayout.TILE_STEP;
import static io.stamp.engine.vector.winograd.WinogradLayout.WEIGHT_STEP;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.WinogradLayout.ChannelBlocks;
import io.stamp.engine.vector.winograd.WinogradLayout.TileBlocks;

/**
 * Forward pass by {@link WinogradLayout}. A task takes a group of blocks of tiles and a part of the output channels; for one tile of output
 * channels after the other it transforms the weights, multiplies and transforms the products back. Many blocks are groups of one, whose
 * task transforms the input for itself; of few, all are transformed first, some at a time, and shared by the tasks.
 *
 * @param packed weights, {@code [k][n]} in the layout of {@link Tiles}
 * @param firstBlock of the blocks that are computed
 * @param endBlock of the blocks that are computed, exclusive
 * @param groups of blocks
 * @param parts of the output channels
 * @param shared transformed input {@code [block][channel block]}, or null where the tasks transform it
 */
public record WinogradConvolution(
        ConvGeometry g,
        WinogradTiles in,
        float[] packed,
        WinogradTiles out,
        Epilogue epilogue,
        TileBlocks blocks,
        ChannelBlocks channels,
        int firstBlock,
        int endBlock,
        int groups,
        int parts,
        float[] shared,
        int tileRows,
        Tile wide,
        Tile narrow)
        implements Workers.Body {

    /** Blocks of one channel block that are shared at a time: 9 MiB, which a third-level cache holds. */
    private static final int SHARED_BLOCKS = 24;

    /** Blocks of a group at most, for whose products there is room in the second-level cache beside the weights. */
    private static final int GROUP = 3;

    /** Tasks to aim at where that needs smaller groups, for each of which the weights are transformed again. */
    private static final int FEW_TASKS = 16;

    private static final int PRODUCTS = FREQUENCIES * PRODUCT_STEP;
    private static final int TAPS = MinimalFilter.TAPS * MinimalFilter.TAPS;

    public static void run(ConvGeometry g, float[] x, float[] packed, float[] y, Epilogue epilogue, Workers workers) {
        TileBlocks blocks = TileBlocks.of(g);
        if (blocks.count() >= Ranges.WANTED_TASKS) {
            WinogradConvolution job = of(g, x, packed, y, epilogue, 0, blocks.count(), blocks.count(), 1, null);
            workers.parallel(blocks.count(), job);
            return;
        }
        int channelBlocks = ChannelBlocks.of(g.inChannels()).count();
        int rounds = Math.ceilDiv(blocks.count(), Math.max(1, SHARED_BLOCKS / channelBlocks));
        int parts = Tiles.count(g.outChannels());
        float[] shared = workers.shared()
                .floats(WinogradSlots.PARTIAL, Math.ceilDiv(blocks.count(), rounds) * channelBlocks * BLOCK);
        for (int round = 0; round < rounds; round++) {
            int first = Ranges.startOfPart(blocks.count(), round, rounds);
            int end = Ranges.startOfPart(blocks.count(), round + 1, rounds);
            int groups = Math.clamp(FEW_TASKS / parts, Math.ceilDiv(end - first, GROUP), end - first);
            WinogradConvolution job = of(g, x, packed, y, Epilogue.NONE, first, end, groups, parts, shared);
            int tiles = blocks.start(end) - blocks.start(first);
            workers.parallel(Math.min(tiles, Ranges.WANTED_TASKS), job::share);
            workers.parallel(groups * parts, job);
        }
        epilogue.applyAfter(g, y, workers);
    }

    private static WinogradConvolution of(
            ConvGeometry g,
            float[] x,
            float[] packed,
            float[] y,
            Epilogue epilogue,
            int firstBlock,
            int endBlock,
            int groups,
            int parts,
            float[] shared) {
        TileBlocks blocks = TileBlocks.of(g);
        int tileRows = Tiles.balancedRows(blocks.largest());
        return new WinogradConvolution(
                g,
                WinogradTiles.input(g, x),
                packed,
                WinogradTiles.output(g, y),
                epilogue,
                blocks,
                ChannelBlocks.of(g.inChannels()),
                firstBlock,
                endBlock,
                groups,
                parts,
                shared,
                tileRows,
                Tiles.byRows(tileRows, 2, TILE_PITCH),
                Tiles.byRows(tileRows, 1, TILE_PITCH));
    }

    /** Transforms a part of the tiles that are shared. */
    private void share(int task, Scratch scratch) {
        int start = blocks.start(firstBlock);
        int tiles = blocks.start(endBlock) - start;
        int tasks = Math.min(tiles, Ranges.WANTED_TASKS);
        int tile = start + Ranges.startOfPart(tiles, task, tasks);
        int end = start + Ranges.startOfPart(tiles, task + 1, tasks);
        for (int block = firstBlock; block < endBlock; block++) {
            int from = Math.max(tile, blocks.start(block));
            int to = Math.min(end, blocks.start(block + 1));
            if (from < to) {
                in.read(from, to, shared, at(block) + (from - blocks.start(block)) * TILE_PITCH, scratch);
            }
        }
    }

    /** Where a block of tiles begins among the shared ones. */
    private int at(int block) {
        return (block - firstBlock) * channels.count() * BLOCK;
    }

    @Override
    public void run(int task, Scratch scratch) {
        int group = task % groups;
        int first = firstBlock + Ranges.startOfPart(endBlock - firstBlock, group, groups);
        int end = firstBlock + Ranges.startOfPart(endBlock - firstBlock, group + 1, groups);
        float[] input = shared;
        int at = at(first);
        if (shared == null) {
            input = scratch.floats(WinogradSlots.PANEL, channels.count() * BLOCK);
            at = 0;
            in.read(blocks.start(first), blocks.start(end), input, 0, scratch);
        }
        float[] products = scratch.floats(WinogradSlots.SUMS, (end - first) * PRODUCTS);
        int tiles = Tiles.count(g.outChannels());
        int endTile = Ranges.startOfPart(tiles, task / groups + 1, parts);
        for (int tile = Ranges.startOfPart(tiles, task / groups, parts); tile < endTile; tile++) {
            multiply(tile, first, end, input, at, products, scratch);
            int channel = tile * Tiles.WIDE;
            int count = Math.min(Tiles.WIDE, g.outChannels() - channel);
            for (int block = first; block < end; block++) {
                int from = (block - first) * PRODUCTS;
                out.write(blocks.start(block), blocks.start(block + 1), channel, count, products, from, scratch);
            }
        }
        finish(blocks.start(first), blocks.start(end));
    }

    /** The products of blocks of tiles with the weights of one tile of output channels. */
    private void multiply(int tile, int first, int end, float[] input, int at, float[] products, Scratch scratch) {
        int width = Tiles.width(g.outChannels(), tile);
        int tapSize = g.inChannels() * width;
        int source = tile * Tiles.WIDE * TAPS * g.inChannels();
        float[] weights = scratch.floats(WinogradSlots.BLOCK, FREQUENCIES * WEIGHT_STEP);
        for (int i = 0; i < channels.count(); i++) {
            int from = source + channels.start(i) * width;
            int length = channels.size(i) * width;
            WinogradLayout.WEIGHTS.run(length, packed, from, weights, 0, MinimalFilter.TAPS * tapSize, tapSize);
            for (int block = first; block < end; block++) {
                int a = at + ((block - first) * channels.count() + i) * BLOCK;
                multiply(blocks.size(block), i, width, input, a, weights, products, (block - first) * PRODUCTS);
            }
        }
    }

    private void multiply(
            int tiles, int channelBlock, int width, float[] a, int aOffset, float[] b, float[] c, int cOffset) {
        Tile kernel = width == Tiles.WIDE ? wide : narrow;
        int depth = channels.size(channelBlock);
        for (int frequency = 0; frequency < FREQUENCIES; frequency++) {
            for (int row = 0; row < tiles; row += tileRows) {
                kernel.multiply(
                        depth,
                        a,
                        aOffset + frequency * TILE_STEP + row * TILE_PITCH,
                        1,
                        b,
                        frequency * WEIGHT_STEP,
                        width,
                        c,
                        cOffset + frequency * PRODUCT_STEP + row * Tiles.WIDE,
                        Tiles.WIDE,
                        channelBlock > 0);
            }
        }
    }

    /** Applies the epilogue to all channels of the outputs of tiles, run by run. */
    private void finish(int firstTile, int endTile) {
        int across = out.across();
        int tile = firstTile;
        while (tile < endTile) {
            int line = tile / across;
            int end = Math.min(endTile, (line + 1) * across);
            int image = line / out.down();
            int y = line % out.down() * WinogradLayout.OUT_ROWS;
            int x = (tile - line * across) * WinogradLayout.OUT_COLUMNS;
            int endX = Math.min(g.outWidth(), (end - line * across) * WinogradLayout.OUT_COLUMNS);
            for (int row = y; row < Math.min(y + WinogradLayout.OUT_ROWS, g.outHeight()); row++) {
                int pixel = (image * g.outHeight() + row) * g.outWidth();
                epilogue.apply(out.images(), (pixel + x) * g.outChannels(), (pixel + endX) * g.outChannels());
            }
            tile = end;
        }
    }
}
