package io.stamp.engine.vector.kernel;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Lanes;
import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of a convolution with respect to its weights: for each group the product of the transposed window matrix
 * {@code [pixels][k]} and the output's gradient {@code [pixels][n]}.
 *
 * <p>The pixels are cut into chunks whose number depends on the shape alone; a task sums one chunk for one block of k, then the
 * chunks are added in ascending order. Partial sums lie as {@code [chunk][group]} and there as a packed matrix (see
 * {@link Tiles}) with k rounded up to whole tiles.
 *
 * @param columns elements of k in a block, a multiple of {@link Tiles#ROWS}
 * @param blocks blocks of k
 */
record WeightGradient(
        ConvGeometry g,
        Patches windows,
        float[] gradOut,
        float[] partial,
        int pixels,
        int k,
        int columns,
        int blocks,
        int chunks)
        implements Workers.Body {

    /** Reduction steps between two stores of the accumulators. */
    private static final int DEPTH = 128;

    /** With {@link #DEPTH} windows of so many columns a block stays in the second-level cache. */
    private static final int MAX_COLUMNS = 24 * Tiles.ROWS;

    /** Distance of the windows in a block: room for the last tile and for copies that overshoot, an odd number of cache lines. */
    private static final int ROW_STRIDE = MAX_COLUMNS + 32;

    private static final int WANTED_TASKS = 32;
    private static final long TASK_MACS = 1 << 20;
    private static final int MAX_PARTIAL = 1 << 20;

    static void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers) {
        int pixels = g.batch() * g.outHeight() * g.outWidth();
        int k = g.kernelHeight() * g.kernelWidth() * g.groupInChannels();
        int blocks = Math.ceilDiv(k, MAX_COLUMNS);
        int columns = Math.ceilDiv(Math.ceilDiv(k, blocks), Tiles.ROWS) * Tiles.ROWS;
        int wanted = Math.clamp(g.macs() / TASK_MACS, 1, WANTED_TASKS);
        int sums = g.groups() * groupSums(k, g.groupOutChannels());
        int mostChunks = Math.max(1, Math.min(pixels / DEPTH, MAX_PARTIAL / sums));
        int chunks = Math.clamp(Math.ceilDiv(wanted, g.groups() * blocks), 1, mostChunks);
        float[] partial = workers.shared().floats(Slots.PARTIAL, chunks * sums);
        WeightGradient work =
                new WeightGradient(g, Patches.ofInput(g, x), gradOut, partial, pixels, k, columns, blocks, chunks);
        workers.parallel(g.groups() * chunks * blocks, work);
        int tiles = Tiles.count(g.groupOutChannels());
        workers.parallel(g.groups() * tiles, new AddChunks(g, partial, k, tiles, chunks, sums, gradW));
    }

    /** Elements of one group's sums. */
    private static int groupSums(int k, int n) {
        return Math.ceilDiv(k, Tiles.ROWS) * Tiles.ROWS * Tiles.paddedColumns(n);
    }

    @Override
    public void run(int task, Scratch scratch) {
        int block = task % blocks;
        int chunk = task / blocks % chunks;
        int group = task / blocks / chunks;
        int k0 = Math.min(k, block * columns);
        int k1 = Math.min(k, k0 + columns);
        int n = g.groupOutChannels();
        int sums = (chunk * g.groups() + group) * groupSums(k, n);
        int from = (int) ((long) pixels * chunk / chunks);
        int to = (int) ((long) pixels * (chunk + 1) / chunks);
        float[] panel = scratch.floats(Slots.PANEL, DEPTH * ROW_STRIDE);
        float[] block0 = scratch.floats(Slots.BLOCK, DEPTH * Tiles.paddedColumns(n));
        for (int pixel = from; pixel < to; pixel += DEPTH) {
            int depth = Math.min(DEPTH, to - pixel);
            windows.pack(group, pixel, depth, k0, k1, panel, 0, ROW_STRIDE);
            int source = pixel * g.outChannels() + group * n;
            for (int tile = 0; tile < Tiles.count(n); tile++) {
                Packing.packTile(gradOut, source, g.outChannels(), depth, n, tile, block0, 0);
                tiles(depth, panel, k0, k1, block0, tile, sums, pixel > from);
            }
        }
    }

    /** Adds the products of one block of windows and one tile of gradients to the sums. */
    private void tiles(
            int depth, float[] panel, int k0, int k1, float[] gradients, int tile, int sums, boolean accumulate) {
        int width = Tiles.width(g.groupOutChannels(), tile);
        int paddedK = Math.ceilDiv(k, Tiles.ROWS) * Tiles.ROWS;
        int target = sums + tile * Tiles.WIDE * paddedK + k0 * width;
        for (int column = 0; column < k1 - k0; column += Tiles.ROWS) {
            if (width == Tiles.WIDE) {
                ColumnTile14x2.multiply(
                        depth,
                        panel,
                        column,
                        ROW_STRIDE,
                        gradients,
                        0,
                        partial,
                        target + column * width,
                        width,
                        accumulate);
            } else {
                ColumnTile14x1.multiply(
                        depth,
                        panel,
                        column,
                        ROW_STRIDE,
                        gradients,
                        0,
                        partial,
                        target + column * width,
                        width,
                        accumulate);
            }
        }
    }

    /** Adds the chunks of one tile and writes it, transposed, to the weights' gradient {@code [group][n][k]}. */
    private record AddChunks(
            ConvGeometry g, float[] partial, int k, int tiles, int chunks, int chunkStride, float[] gradW)
            implements Workers.Body {
        @Override
        public void run(int task, Scratch scratch) {
            int group = task / tiles;
            int tile = task % tiles;
            int n = g.groupOutChannels();
            int width = Tiles.width(n, tile);
            int paddedK = Math.ceilDiv(k, Tiles.ROWS) * Tiles.ROWS;
            int base = group * groupSums(k, n) + tile * Tiles.WIDE * paddedK;
            for (int chunk = 1; chunk < chunks; chunk++) {
                add(base + chunk * chunkStride, base, k * width);
            }
            int first = tile * Tiles.WIDE;
            int count = Math.min(width, n - first);
            Packing.transpose(partial, base, width, k, count, gradW, (group * n + first) * k, k);
        }

        private void add(int from, int to, int count) {
            for (int i = 0; i < count; i += Lanes.COUNT) {
                FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, partial, to + i);
                sum.add(FloatVector.fromArray(Lanes.FLOATS, partial, from + i)).intoArray(partial, to + i);
            }
        }
    }
}
