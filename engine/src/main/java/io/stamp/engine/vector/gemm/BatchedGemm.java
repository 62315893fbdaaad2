package io.stamp.engine.vector.gemm;

import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.RowMap;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;

/**
 * A batch of GEMMs, parameters as in {@link Gemm#batched}. As a job for the workers a task is a run of whole matrices,
 * or, where there is one matrix only, a range of its rows or columns.
 */
record BatchedGemm(
        int batch,
        boolean transA,
        boolean transB,
        int m,
        int n,
        int k,
        float[] a,
        int aOffset,
        int aStride,
        float[] b,
        int bOffset,
        int bStride,
        float[] c,
        int cOffset,
        int cStride)
        implements Workers.Body {

    /** How a GEMM is computed: a function of the sizes alone. */
    enum Kind {
        /** Every element a dot product along k, nothing packed. */
        DOTS,
        /** Lanes over n, nothing packed but a transposed B. */
        COLUMNS,
        /** Packed panels and tiles. */
        PANELS
    }

    private static final int FEW_ROWS = 8;
    private static final int FEW_COLUMNS = 4;
    private static final long SMALL_MACS = 32 << 10;
    private static final long TASK_MACS = 256 << 10;
    private static final int MAX_TASKS = 64;

    Kind kind() {
        if (!transA && transB && k >= Lanes.COUNT && (m <= FEW_ROWS || n <= FEW_COLUMNS)) {
            return Kind.DOTS;
        }
        return m <= FEW_ROWS || (long) m * n * k <= SMALL_MACS ? Kind.COLUMNS : Kind.PANELS;
    }

    /** Tasks of the job; each is worth a handoff. */
    int tasks() {
        int wanted = Math.clamp((long) batch * m * n * k / TASK_MACS, 1, MAX_TASKS);
        return Math.min(wanted, batch > 1 ? batch : unitsOfOne());
    }

    /** Into how many ranges one matrix may be cut: vectors of columns, or groups of four rows. */
    private int unitsOfOne() {
        return cutAlongColumns() ? Math.ceilDiv(n, Lanes.COUNT) : Math.ceilDiv(m, 4);
    }

    private boolean cutAlongColumns() {
        return n >= m;
    }

    @Override
    public void run(int task, Scratch scratch) {
        int tasks = tasks();
        if (batch > 1) {
            int end = Ranges.startOfPart(batch, task + 1, tasks);
            for (int i = Ranges.startOfPart(batch, task, tasks); i < end; i++) {
                range(i, 0, m, 0, n, scratch);
            }
            return;
        }
        int from = Ranges.startOfPart(unitsOfOne(), task, tasks);
        int to = Ranges.startOfPart(unitsOfOne(), task + 1, tasks);
        if (cutAlongColumns()) {
            range(0, 0, m, from * Lanes.COUNT, Math.min(n, to * Lanes.COUNT), scratch);
        } else {
            range(0, from * 4, Math.min(m, to * 4), 0, n, scratch);
        }
    }

    private void range(int matrix, int row0, int row1, int column0, int column1, Scratch scratch) {
        int rows = row1 - row0;
        int columns = column1 - column0;
        int aStart = aOffset + matrix * aStride;
        int bStart = bOffset + matrix * bStride;
        int cStart = cOffset + matrix * cStride + row0 * n + column0;
        switch (kind()) {
            case DOTS ->
                SmallGemm.byDots(
                        rows,
                        columns,
                        k,
                        a,
                        aStart + row0 * k,
                        k,
                        b,
                        bStart + column0 * k,
                        k,
                        c,
                        cStart,
                        n,
                        scratch.floats(GemmSlots.LANES, SmallGemm.LANE_SUMS));
            case COLUMNS -> {
                float[] right = b;
                int rightStart = bStart + column0;
                int rightStride = n;
                if (transB) {
                    right = scratch.floats(GemmSlots.BLOCK, k * columns);
                    Packing.transpose(b, bStart + column0 * k, k, columns, k, right, 0, columns);
                    rightStart = 0;
                    rightStride = columns;
                }
                SmallGemm.byColumns(
                        rows,
                        columns,
                        k,
                        a,
                        aStart + row0 * (transA ? 1 : k),
                        transA ? 1 : k,
                        transA ? m : 1,
                        right,
                        rightStart,
                        rightStride,
                        c,
                        cStart,
                        n);
            }
            case PANELS -> {
                float[] packed = scratch.floats(GemmSlots.BLOCK, k * Tiles.paddedColumns(n));
                for (int tile = 0; tile < Tiles.count(n); tile++) {
                    pack(bStart, tile, packed);
                }
                PanelGemm.runHere(m, n, k, left(aStart), packed, c, RowMap.dense(cStart, n), scratch);
            }
        }
    }

    /** Computes one matrix with all threads. */
    void byPanels(int matrix, Workers workers) {
        float[] packed = workers.shared().floats(GemmSlots.PACKED, k * Tiles.paddedColumns(n));
        int bStart = bOffset + matrix * bStride;
        workers.parallel(Tiles.count(n), (tile, scratch) -> pack(bStart, tile, packed));
        RowMap map = RowMap.dense(cOffset + matrix * cStride, n);
        PanelGemm.run(1, m, n, k, left(aOffset + matrix * aStride), packed, 0, c, map, 0, workers);
    }

    private MatrixRows left(int start) {
        return new MatrixRows(a, start, transA ? m : k, transA);
    }

    private void pack(int bStart, int tile, float[] packed) {
        int target = tile * Tiles.WIDE * k;
        if (transB) {
            Packing.packTransposedTile(b, bStart, k, k, n, tile, packed, target);
        } else {
            Packing.packTile(b, bStart, n, k, n, tile, packed, target);
        }
    }
}
