package io.stamp.engine.vector.codegen;

import io.stamp.engine.vector.runtime.Lanes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The micro-kernels, and the sizes that the blocked GEMMs share.
 *
 * <p>A GEMM {@code C[m][n] = A[m][k] B[k][n]} is cut into tiles of {@link #ROWS} rows and {@link #WIDE} columns; the last
 * tile of a row is {@link #NARROW} if that suffices. B lies <em>packed</em>: tile after tile, each {@code [k][width]} with
 * zeros in columns past n. A lies in <em>panels</em> of {@link #ROWS} rows and at most {@link #DEPTH} columns.
 */
public final class Tiles {
    /**
     * Rows of a tile at most, by measurement: with two vectors of columns the sums, the columns and a broadcast fill the registers. Of 16
     * registers 6 rows would take 15, but the just-in-time compiler then keeps sums in memory, and tiles run at half the speed of 5 rows.
     */
    public static final int ROWS = Lanes.REGISTERS >= 32 ? 12 : 5;

    /**
     * Rows of a window tile with one vector of columns at most. There every multiplication needs a broadcast of its own, which is the limit, and
     * the loads of B cost the less the more rows share them.
     */
    public static final int NARROW_WINDOW_ROWS = Lanes.REGISTERS >= 32 ? 16 : 12;

    public static final int NARROW = Lanes.COUNT;
    public static final int WIDE = 2 * Lanes.COUNT;

    /** Reduction steps between two stores of the sums; a panel this deep fits into 32 KiB of first-level cache. */
    public static final int DEPTH = 576;

    /** Distance of a panel's rows: room for copies that overshoot, and an odd number of cache lines. */
    public static final int ROW_STRIDE = DEPTH + 16;

    /** Distance of a panel's columns where it is by columns. */
    public static final int COLUMN_STRIDE = 16;

    /** Floats of a panel of either kind. */
    public static final int PANEL_SIZE = COLUMN_STRIDE * ROW_STRIDE;

    private static final Map<Key, Tile> TILES = new ConcurrentHashMap<>();
    private static final Map<Key, WindowTile> WINDOW_TILES = new ConcurrentHashMap<>();
    private static final Map<Integer, PixelTile> PIXEL_TILES = new ConcurrentHashMap<>();

    private static final Map<Integer, DepthwiseTile> DEPTHWISE_TILES = new ConcurrentHashMap<>();
    private static final Map<Integer, DepthwiseGradientTile> DEPTHWISE_GRADIENT_TILES = new ConcurrentHashMap<>();

    private record Key(int rows, int vectors, int rowDistance) {}

    private Tiles() {}

    /** For panels by rows: A's step is 1. */
    public static Tile byRows(int rows, int vectors) {
        return byRows(rows, vectors, ROW_STRIDE);
    }

    /** The same with rows of A so many elements apart. */
    public static Tile byRows(int rows, int vectors, int rowDistance) {
        return tile(rows, vectors, rowDistance);
    }

    /** For panels by columns: the rows of A lie side by side. */
    public static Tile byColumns(int rows, int vectors) {
        return tile(rows, vectors, 1);
    }

    private static Tile tile(int rows, int vectors, int rowDistance) {
        return TILES.computeIfAbsent(
                new Key(rows, vectors, rowDistance), key -> TileCompiler.tile(key.rows, key.vectors, key.rowDistance));
    }

    public static WindowTile windows(int pixels, int vectors, int pixelDistance) {
        return WINDOW_TILES.computeIfAbsent(
                new Key(pixels, vectors, pixelDistance),
                key -> TileCompiler.windowTile(key.rows, key.vectors, key.rowDistance));
    }

    public static PixelTile pixels(int rows) {
        return PIXEL_TILES.computeIfAbsent(rows, TileCompiler::pixelTile);
    }

    /** For a kernel of so many positions, whose weights have to fit into registers. */
    public static DepthwiseTile depthwise(int positions) {
        return DEPTHWISE_TILES.computeIfAbsent(positions, DepthwiseCompiler::tile);
    }

    /** For a kernel of so many positions, whose sums have to fit into registers. */
    public static DepthwiseGradientTile depthwiseGradient(int positions) {
        return DEPTHWISE_GRADIENT_TILES.computeIfAbsent(positions, DepthwiseCompiler::gradientTile);
    }

    /** Rows of each tile where n rows are cut into as few and as equal tiles as possible. */
    public static int balancedRows(int n) {
        return balancedRows(n, ROWS);
    }

    /** Rows of each tile where n rows are cut into as few and as equal tiles of at most so many rows as possible. */
    public static int balancedRows(int n, int most) {
        return Math.ceilDiv(n, Math.ceilDiv(n, most));
    }

    /** Tiles in a row of tiles. */
    public static int count(int n) {
        return Math.ceilDiv(n, WIDE);
    }

    /** Columns of a tile, the padding included. */
    public static int width(int n, int tile) {
        return n - tile * WIDE <= NARROW ? NARROW : WIDE;
    }

    /** Columns of all tiles, the padding included. */
    public static int paddedColumns(int n) {
        int last = count(n) - 1;
        return last * WIDE + width(n, last);
    }

    /** Copies {@code rows x columns} of a tile to C, or adds them to it. */
    public static void store(
            float[] tile,
            int tileOffset,
            int width,
            int rows,
            int columns,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate) {
        for (int column = 0; column < columns; column += Lanes.COUNT) {
            VectorMask<Float> mask = Lanes.first(columns - column);
            for (int row = 0; row < rows; row++) {
                FloatVector values = FloatVector.fromArray(Lanes.FLOATS, tile, tileOffset + row * width + column);
                int at = cOffset + row * cStride + column;
                if (accumulate) {
                    values = FloatVector.fromArray(Lanes.FLOATS, c, at, mask).add(values);
                }
                values.intoArray(c, at, mask);
            }
        }
    }
}
