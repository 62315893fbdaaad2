package io.stamp.engine.vector.gemm;

import io.stamp.engine.vector.codegen.Tile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.layout.RowMap;
import io.stamp.engine.vector.layout.RowSource;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;

/**
 * Blocked GEMMs {@code C[batch] = A[batch] B[batch]} of an {@code [m][k]} matrix that is packed into panels on the way and a
 * packed {@code [k][n]} matrix. Each element of C is a sum over k in ascending order, in blocks of {@link Tiles#DEPTH}.
 *
 * @param rows A
 * @param packed B in the layout of {@link Tiles}, those of the batch {@code packedStride} apart
 * @param map where the rows of C lie, {@code cStride} further on for each of the batch
 * @param stripPanels panels that are packed together, so that a tile of B is read once for all of them
 * @param stripsPerTask such strips that a task takes one after the other
 * @param rowTasks tasks along m
 * @param columnTasks tasks along n
 */
public record PanelGemm(
        int m,
        int n,
        int k,
        RowSource rows,
        float[] packed,
        int packedStride,
        float[] c,
        RowMap map,
        int cStride,
        int stripPanels,
        int stripsPerTask,
        int rowTasks,
        int columnTasks)
        implements Workers.Body {

    /** Tiles by their number of vectors. */
    private static final Tile[] BY_ROWS = {null, Tiles.byRows(Tiles.ROWS, 1), Tiles.byRows(Tiles.ROWS, 2)};

    private static final Tile[] BY_COLUMNS = {null, Tiles.byColumns(Tiles.ROWS, 1), Tiles.byColumns(Tiles.ROWS, 2)};

    private static final int STRIP_PANELS = 4;

    public static void run(
            int batch,
            int m,
            int n,
            int k,
            RowSource rows,
            float[] packed,
            int packedStride,
            float[] c,
            RowMap map,
            int cStride,
            Workers workers) {
        int panels = Math.ceilDiv(m, Tiles.ROWS);
        long macs = (long) batch * panels * Tiles.ROWS * n * k;
        int wanted = Ranges.tasks(macs);
        int stripPanels = (long) batch * panels >= (long) wanted * STRIP_PANELS ? STRIP_PANELS : 1;
        int strips = Math.ceilDiv(panels, stripPanels);
        int wantedOfOne = Math.ceilDiv(wanted, batch);
        int columnTasks = Math.min(Tiles.count(n), Math.ceilDiv(wantedOfOne, strips));
        long stripMacs = (long) stripPanels * Tiles.ROWS * n * k / columnTasks;
        int stripsPerTask = Math.clamp(Ranges.TASK_MACS / stripMacs, 1, Math.ceilDiv(strips, wantedOfOne));
        int rowTasks = Math.ceilDiv(strips, stripsPerTask);
        PanelGemm job = new PanelGemm(
                m,
                n,
                k,
                rows,
                packed,
                packedStride,
                c,
                map,
                cStride,
                stripPanels,
                stripsPerTask,
                rowTasks,
                columnTasks);
        workers.parallel(batch * rowTasks * columnTasks, job);
    }

    /** One GEMM on the running thread alone. */
    static void runHere(int m, int n, int k, RowSource rows, float[] packed, float[] c, RowMap map, Scratch scratch) {
        int strips = Math.ceilDiv(Math.ceilDiv(m, Tiles.ROWS), STRIP_PANELS);
        new PanelGemm(m, n, k, rows, packed, 0, c, map, 0, STRIP_PANELS, strips, 1, 1).run(0, scratch);
    }

    @Override
    public void run(int task, Scratch scratch) {
        int columnTask = task % columnTasks;
        int rowTask = task / columnTasks % rowTasks;
        int batch = task / columnTasks / rowTasks;
        int tiles = Tiles.count(n);
        int firstTile = Ranges.startOfPart(tiles, columnTask, columnTasks);
        int endTile = Ranges.startOfPart(tiles, columnTask + 1, columnTasks);
        int stripRows = stripPanels * Tiles.ROWS;
        int endRow = (int) Math.min(m, (long) (rowTask + 1) * stripsPerTask * stripRows);
        for (int row = rowTask * stripsPerTask * stripRows; row < endRow; row += stripRows) {
            strip(batch, row, Math.min(row + stripRows, m), firstTile, endTile, scratch);
        }
    }

    private void strip(int batch, int firstRow, int endRow, int firstTile, int endTile, Scratch scratch) {
        float[] panels = scratch.floats(GemmSlots.PANEL, stripPanels * Tiles.PANEL_SIZE);
        int stride = rows.byColumns() ? Tiles.COLUMN_STRIDE : Tiles.ROW_STRIDE;
        int blocks = Math.ceilDiv(k, Tiles.DEPTH);
        for (int block = 0; block < blocks; block++) {
            int k0 = Ranges.startOfPart(k, block, blocks);
            int k1 = Ranges.startOfPart(k, block + 1, blocks);
            int panel = 0;
            for (int row = firstRow; row < endRow; row += Tiles.ROWS, panel += Tiles.PANEL_SIZE) {
                rows.pack(batch, row, Math.min(Tiles.ROWS, endRow - row), k0, k1, panels, panel, stride);
            }
            for (int tile = firstTile; tile < endTile; tile++) {
                panel = 0;
                for (int row = firstRow; row < endRow; row += Tiles.ROWS, panel += Tiles.PANEL_SIZE) {
                    tile(batch, row, Math.min(Tiles.ROWS, endRow - row), tile, k0, k1, panels, panel, scratch);
                }
            }
        }
    }

    private void tile(
            int batch, int row, int rowCount, int tile, int k0, int k1, float[] panels, int panel, Scratch scratch) {
        int width = Tiles.width(n, tile);
        int firstColumn = tile * Tiles.WIDE;
        int columns = Math.min(width, n - firstColumn);
        int b = batch * packedStride + firstColumn * k + k0 * width;
        int cBase = batch * cStride + firstColumn;
        boolean accumulate = k0 > 0;
        if (rowCount == Tiles.ROWS && columns == width && map.equallySpaced(row) >= Tiles.ROWS) {
            multiply(width, k1 - k0, panels, panel, b, c, cBase + map.address(row), map.rowStride(), accumulate);
            return;
        }
        float[] result = scratch.floats(GemmSlots.TILE, Tiles.ROWS * Tiles.WIDE);
        multiply(width, k1 - k0, panels, panel, b, result, 0, width, false);
        int run;
        for (int i = 0; i < rowCount; i += run) {
            run = Math.min(rowCount - i, map.equallySpaced(row + i));
            Tiles.store(
                    result,
                    i * width,
                    width,
                    run,
                    columns,
                    c,
                    cBase + map.address(row + i),
                    map.rowStride(),
                    accumulate);
        }
    }

    private void multiply(
            int width,
            int depth,
            float[] panels,
            int panel,
            int bOffset,
            float[] to,
            int toOffset,
            int toStride,
            boolean accumulate) {
        int vectors = width / Lanes.COUNT;
        Tile tile = rows.byColumns() ? BY_COLUMNS[vectors] : BY_ROWS[vectors];
        int step = rows.byColumns() ? Tiles.COLUMN_STRIDE : 1;
        tile.multiply(depth, panels, panel, step, packed, bOffset, width, to, toOffset, toStride, accumulate);
    }
}
