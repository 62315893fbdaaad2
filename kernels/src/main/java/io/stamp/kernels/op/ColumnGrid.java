package io.stamp.kernels.op;

import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.Launch;

/**
 * How a kernel of columns.cuh covers matrices of {@code rows x columns}; chosen by the sizes alone, so that sums have
 * the same bits on every device.
 *
 * @param pack neighbouring elements of a thread, 4 or 1
 * @param threads threads of a block
 * @param tile columns of a block
 * @param rowsPerBlock rows of a block
 * @param blocks blocks that share the rows of a matrix
 * @param tiles blocks that share its columns
 */
record ColumnGrid(
        int rows, int columns, int matrices, int pack, int threads, int tile, int rowsPerBlock, int blocks, int tiles) {
    private static final int BLOCK = 256;
    private static final int WIDE_TILE = 128;
    private static final int NARROW_TILE = 32;

    /** Blocks of a kernel that writes as much as it reads: several waves on every device. */
    private static final int MAP_BLOCKS = 2112;

    /** Blocks of a kernel that sums up: one wave on a large device, since each leaves sums that have to be added. */
    private static final int SUM_BLOCKS = 528;

    /** Packs that a summing thread takes at least, where there are as many. */
    private static final int SUM_STEPS = 4;

    /** The grid of a kernel that maps every element. */
    static ColumnGrid forMap(int rows, int columns) {
        return of(rows, columns, 1, MAP_BLOCKS, 1, packsFit(rows, columns, 1));
    }

    /** The grid of a kernel that sums over the rows. */
    static ColumnGrid forSums(int rows, int columns, int matrices) {
        return of(rows, columns, matrices, SUM_BLOCKS, SUM_STEPS, packsFit(rows, columns, matrices));
    }

    /** The grid of a kernel that sums over the rows, of which each thread has one column. */
    static ColumnGrid forSumsOfSingles(int rows, int columns) {
        return of(rows, columns, 1, SUM_BLOCKS, SUM_STEPS, false);
    }

    /** Whether all matrices begin at a pack, and a block's packs cover whole rows or tiles of them. */
    private static boolean packsFit(int rows, int columns, int matrices) {
        boolean aligned = matrices == 1 || (long) rows * columns % Packs.WIDTH == 0;
        return aligned && period(columns, Packs.WIDTH) <= BLOCK || columns % Packs.WIDTH == 0;
    }

    /** Packs after which the columns that a pack has repeat. */
    private static int period(int columns, int pack) {
        return columns / greatestCommonDivisor(columns, pack);
    }

    private static ColumnGrid of(int rows, int columns, int matrices, int wantedBlocks, int leastSteps, boolean packs) {
        int pack = packs ? Packs.WIDTH : 1;
        int period = period(columns, pack);
        boolean wholeRows = period <= BLOCK;
        int tile = wholeRows ? columns : packs ? WIDE_TILE : NARROW_TILE;
        int threads = wholeRows ? BLOCK / period * period : BLOCK;
        int tiles = Math.ceilDiv(columns, tile);
        int rowsAtOnce = pack * threads / tile;
        int steps = Math.ceilDiv(rows, rowsAtOnce);
        int most = Math.clamp(wantedBlocks / ((long) tiles * matrices), 1, Math.ceilDiv(steps, leastSteps));
        int rowsPerBlock = Math.ceilDiv(steps, most) * rowsAtOnce;
        return new ColumnGrid(
                rows, columns, matrices, pack, threads, tile, rowsPerBlock, Math.ceilDiv(rows, rowsPerBlock), tiles);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** Scratch memory for the sums that blocks leave, of so many quantities. */
    DeviceBuffer partial(int quantities, CudaStream stream) {
        return stream.scratch(Float.BYTES * (long) matrices * tiles * blocks * quantities * tile);
    }

    /** Adds the parameters {@code COLUMN_SIZES} and launches. */
    void run(Launch launch) {
        launch.integer(rows)
                .integer(columns)
                .integer(tile)
                .integer(rowsPerBlock)
                .grid(blocks, tiles, matrices, threads, 1, 0);
    }

    /** Picks the kernel for {@link #pack}. */
    String kernel(String forPacks, String forSingles) {
        return pack == Packs.WIDTH ? forPacks : forSingles;
    }
}
