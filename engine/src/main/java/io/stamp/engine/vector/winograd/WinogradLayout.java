package io.stamp.engine.vector.winograd;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.GridMap;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.Ranges;

/**
 * Convolutions with 3x3 kernels and stride 1 by {@link MinimalFilter}, down with m = 2 and across with m = 4: of a tile of 2x4 outputs
 * the 4x6 inputs d become 24 numbers for each channel, {@code B^T d B'}; these are multiplied with as many of the weights,
 * {@code G g G'^T}, which for each of the 24 <em>frequencies</em> is a GEMM of tiles and channels; then {@code A^T m A'} is
 * the outputs. The gradient with respect to the weights turns that round: {@code G^T [sum over tiles of (A dY A'^T) * (B^T d B')] G'}.
 *
 * <p>Points across are 5/8 and 3/2 because their rounding errors are the smallest of those tried.
 *
 * <p>Buffers hold blocks of at most {@link #TILES} tiles and {@link #CHANNELS} channels, small enough for second-level caches:
 * {@code [frequency][tile][channel]} with constant distances, so that every layer shares the compiled kernels.
 */
final class WinogradLayout {
    private static final MinimalFilter DOWN = MinimalFilter.of(1);
    private static final MinimalFilter ACROSS = MinimalFilter.of(0.625, 1.5);

    /** Rows of outputs of a tile. */
    static final int OUT_ROWS = DOWN.outputs();

    /** Columns of outputs of a tile. */
    static final int OUT_COLUMNS = ACROSS.outputs();

    /** Rows of inputs that a tile's outputs see. */
    static final int IN_ROWS = DOWN.size();

    /** Columns of inputs that a tile's outputs see. */
    static final int IN_COLUMNS = ACROSS.size();

    static final int FREQUENCIES = IN_ROWS * IN_COLUMNS;

    /** Tiles of a block at most. */
    static final int TILES = 48;

    /** Tiles that there is room for. */
    private static final int ROOM = room(Tiles.ROWS);

    /** Channels of a block at most. */
    static final int CHANNELS = 64;

    /** Elements from a tile of a block to the next. */
    static final int TILE_PITCH = oddLines(CHANNELS);

    /** Elements from a frequency of a block to the next. */
    static final int TILE_STEP = oddLines(ROOM * TILE_PITCH);

    /** Elements of a block. */
    static final int BLOCK = FREQUENCIES * TILE_STEP;

    /** Elements from a frequency of the weights of a block of channels and one tile of output channels to the next. */
    static final int WEIGHT_STEP = oddLines(CHANNELS * Tiles.WIDE);

    /** Elements from a frequency of a block's products with one tile of output channels to the next; those of a tile are dense. */
    static final int PRODUCT_STEP = oddLines(ROOM * Tiles.WIDE);

    /** Elements from a frequency of the sums for a block of output and one of input channels to the next; rows of whole tiles. */
    static final int SUM_STEP = oddLines((CHANNELS + Tiles.ROWS) * CHANNELS);

    static final GridMap INPUT = GridMap.toBuffer("WinogradInput", DOWN.input(), ACROSS.input(), TILE_STEP);

    static final GridMap WEIGHTS = GridMap.toBuffer("WinogradWeights", DOWN.weights(), ACROSS.weights(), WEIGHT_STEP);

    static final GridMap OUTPUT = GridMap.fromBuffer("WinogradOutput", DOWN.output(), ACROSS.output(), PRODUCT_STEP);

    static final GridMap OUTPUT_GRADIENT = GridMap.toBuffer(
            "WinogradOutputGradient",
            DOWN.output().transposed(),
            ACROSS.output().transposed(),
            TILE_STEP);

    static final GridMap WEIGHT_GRADIENT = GridMap.fromBuffer(
            "WinogradWeightGradient",
            DOWN.weights().transposed(),
            ACROSS.weights().transposed(),
            SUM_STEP);

    private WinogradLayout() {}

    /** Tiles of a block and what a product's last rows may reach beyond, with so many rows at most. */
    static int room(int rows) {
        return Math.ceilDiv(TILES, rows) * rows;
    }

    /** Tiles of all images; those at the right and at the lower border may reach beyond. */
    static int tiles(ConvGeometry g) {
        return g.batch() * tilesDown(g) * tilesAcross(g);
    }

    static int tilesDown(ConvGeometry g) {
        return Math.ceilDiv(g.outHeight(), OUT_ROWS);
    }

    static int tilesAcross(ConvGeometry g) {
        return Math.ceilDiv(g.outWidth(), OUT_COLUMNS);
    }

    /** Whole cache lines, an odd number of them, so that neighbours lie in different sets of a cache. */
    private static int oddLines(int elements) {
        int line = 16;
        return (Math.ceilDiv(elements, line) | 1) * line;
    }

    /** Tiles cut into nearly equal blocks. */
    record TileBlocks(int tiles, int count) {
        static TileBlocks of(ConvGeometry g) {
            int tiles = WinogradLayout.tiles(g);
            return new TileBlocks(tiles, Math.ceilDiv(tiles, TILES));
        }

        /** First tile of a block. */
        int start(int block) {
            return Ranges.startOfPart(tiles, block, count);
        }

        int size(int block) {
            return start(block + 1) - start(block);
        }

        /** Tiles of the largest block. */
        int largest() {
            return Math.ceilDiv(tiles, count);
        }
    }

    /**
     * Channels cut into blocks of whole vectors, the last one up to the end.
     *
     * @param width of a block
     */
    record ChannelBlocks(int channels, int width) {
        static ChannelBlocks of(int channels) {
            int vectors = Math.ceilDiv(channels, Tiles.NARROW);
            int blocks = Math.ceilDiv(channels, CHANNELS);
            return new ChannelBlocks(channels, Math.ceilDiv(vectors, blocks) * Tiles.NARROW);
        }

        int count() {
            return Math.ceilDiv(channels, width);
        }

        /** First channel of a block. */
        int start(int block) {
            return block * width;
        }

        int size(int block) {
            return Math.min(width, channels - start(block));
        }
    }
}
