package io.stamp.kernels.op;

import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.Launch;

/**
 * How a kernel of columns.cuh covers matrices of {@code rows x columns}; chosen by the sizes alone, so that sums have
 * the same bits on every device.
 *
 * @param quantities sums of each column, 0 for a kernel that maps
 * @param pack neighbouring elements of a thread, 4 or 1
 * @param threads threads of a block
 * @param tile columns of a block
 * @param rowsPerBlock rows of a block
 * @param blocks blocks that share the rows of a matrix
 * @param tiles blocks that share its columns
 * @param blocksPerGroup neighbours among {@code blocks} whose sums one of them adds, see sum_tree.cuh
 */
record ColumnGrid(
        int rows,
        int columns,
        int matrices,
        int quantities,
        int pack,
        int threads,
        int tile,
        int rowsPerBlock,
        int blocks,
        int tiles,
        int blocksPerGroup) {
    private static final int BLOCK = 256;

    /** Columns of a tile of rows that are too long for one. */
    private static final int WIDE_TILE = 128;

    private static final int NARROW_TILE = 32;

    /**
     * Columns of a tile whose sums are taken, at most, where rows can be cut: the narrower, the fewer sums are left by
     * the same number of blocks. Rows of a tile are still two accesses of 128 bytes.
     */
    private static final int SUM_TILE = 64;

    /** Blocks of a kernel that writes as much as it reads: several waves on every device. */
    private static final int MAP_BLOCKS = 2112;

    /** Blocks of a kernel that sums up: one wave on a large device, since each leaves sums that have to be added. */
    private static final int SUM_BLOCKS = 528;

    /** Packs that a summing thread takes at least, where there are as many. */
    private static final int SUM_STEPS = 8;

    /**
     * So many numbers a thread the last block adds alone: two of the batches that sum_tree.cuh has on their way at once.
     * Another level costs about as much, since its blocks have to agree on who is last.
     */
    private static final int ADDED_ALONE = 32;

    /** The grid of a kernel that maps every element. */
    static ColumnGrid forMap(int rows, int columns) {
        int pack = pack(rows, columns, 1);
        boolean wholeRows = period(columns, pack) <= BLOCK;
        int tile = wholeRows ? columns : pack == Packs.WIDTH ? WIDE_TILE : NARROW_TILE;
        return of(rows, columns, 1, 0, pack, tile, MAP_BLOCKS, 1);
    }

    /** The grid of a kernel that sums so many quantities over the rows. */
    static ColumnGrid forSums(int rows, int columns, int matrices, int quantities) {
        return forSums(rows, columns, matrices, quantities, pack(rows, columns, matrices));
    }

    /** The grid of a kernel that sums so many quantities over the rows, of which each thread has one column. */
    static ColumnGrid forSumsOfSingles(int rows, int columns, int quantities) {
        return forSums(rows, columns, 1, quantities, 1);
    }

    private static ColumnGrid forSums(int rows, int columns, int matrices, int quantities, int pack) {
        int most = pack == Packs.WIDTH ? SUM_TILE : NARROW_TILE;
        int tile = columns % pack == 0 ? evenTile(columns, most, pack) : columns;
        return of(rows, columns, matrices, quantities, pack, tile, SUM_BLOCKS, SUM_STEPS);
    }

    /** Cuts rows into as few tiles as have that many columns at most, all of about the same length. */
    private static int evenTile(int columns, int most, int pack) {
        int tiles = Math.ceilDiv(columns, most);
        return Math.ceilDiv(columns, tiles * pack) * pack;
    }

    /** Packs of four where all matrices begin at one, and a block's packs cover whole rows or tiles of them. */
    private static int pack(int rows, int columns, int matrices) {
        boolean aligned = matrices == 1 || (long) rows * columns % Packs.WIDTH == 0;
        boolean fit = aligned && period(columns, Packs.WIDTH) <= BLOCK || columns % Packs.WIDTH == 0;
        return fit ? Packs.WIDTH : 1;
    }

    /** Packs after which the columns that a pack has repeat. */
    private static int period(int columns, int pack) {
        return columns / greatestCommonDivisor(columns, pack);
    }

    private static ColumnGrid of(
            int rows, int columns, int matrices, int quantities, int pack, int tile, int wantedBlocks, int leastSteps) {
        int period = period(tile, pack);
        int threads = BLOCK / period * period;
        int tiles = Math.ceilDiv(columns, tile);
        int rowsAtOnce = pack * threads / tile;
        int steps = Math.ceilDiv(rows, rowsAtOnce);
        int most = Math.clamp(wantedBlocks / ((long) tiles * matrices), 1, Math.ceilDiv(steps, leastSteps));
        int rowsPerBlock = Math.ceilDiv(steps, most) * rowsAtOnce;
        int blocks = Math.ceilDiv(rows, rowsPerBlock);
        boolean alone = (long) blocks * quantities * tile <= (long) ADDED_ALONE * threads;
        int blocksPerGroup = alone ? blocks : (int) Math.ceil(Math.sqrt(blocks));
        return new ColumnGrid(
                rows, columns, matrices, quantities, pack, threads, tile, rowsPerBlock, blocks, tiles, blocksPerGroup);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** Groups of blocks that share the rows of a matrix. */
    int groups() {
        return Math.ceilDiv(blocks, blocksPerGroup);
    }

    /** Scratch memory for the sums that blocks, in float, and groups of them, in double, leave. */
    DeviceBuffer scratch(CudaStream stream) {
        long ofTree = (long) Double.BYTES * groups() + (long) Float.BYTES * blocks;
        return stream.scratch(ofTree * quantities * tile * matrices * tiles);
    }

    /** Adds the parameters {@code COLUMN_SIZES} and launches. */
    void run(Launch launch) {
        launch.integer(rows)
                .integer(columns)
                .integer(tile)
                .integer(rowsPerBlock)
                .integer(blocksPerGroup)
                .grid(blocks, tiles, matrices, threads, 1, 0);
    }

    /** Picks the kernel for {@link #pack}. */
    String kernel(String forPacks, String forSingles) {
        return pack == Packs.WIDTH ? forPacks : forSingles;
    }
}
