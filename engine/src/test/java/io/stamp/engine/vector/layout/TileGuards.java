package io.stamp.engine.vector.layout;

import io.stamp.engine.vector.codegen.PixelTile;
import io.stamp.engine.vector.codegen.Tile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.codegen.WindowTile;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.SpeedGuard;
import io.stamp.engine.vector.runtime.TestArrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The innermost loops: tiles that are written as bytecode, and what moves pixels to where tiles want them; see {@link SpeedGuard}. As a
 * program it checks them all, for a JVM with other flags than the tests'.
 */
final class TileGuards {
    /**
     * Of a tile of the most rows. Tiles do 0.7 to 1.1 of the plain loop; one that spills sums does 0.45 to 0.5 on some processors and
     * 0.9 on others, which have time for it.
     */
    private static final double WHOLE_FRACTION = 0.6;

    /** Of a tile with fewer rows, but sums enough to hide the latency of a multiply-add; one with fewer yet waits. */
    private static final double PART_FRACTION = 0.3;

    private static final double MOVE_FRACTION = 0.01;
    private static final int ENOUGH_SUMS = 8;
    private static final int DEPTH = 288;

    private static final List<Integer> ROWS = List.of(Tiles.ROWS, Tiles.ROWS / 2 + 1, 1);

    private TileGuards() {}

    static Stream<SpeedGuard> all() {
        return Stream.of(tilesByRows(), tilesByColumns(), windowTiles(), pixelTiles(), moves())
                .flatMap(guards -> guards);
    }

    /** Checks all on the widest vectors that this JVM uses; the first that fails is thrown. */
    public static void main(String[] arguments) {
        System.out.println(Lanes.FLOATS.vectorBitSize() + " bits, " + Lanes.REGISTERS + " registers");
        all().forEach(SpeedGuard::check);
    }

    private static Stream<SpeedGuard> eachShape(BiFunction<Integer, Integer, SpeedGuard> guard) {
        return ROWS.stream().flatMap(rows -> Stream.of(1, 2).map(vectors -> guard.apply(rows, vectors)));
    }

    private static SpeedGuard guard(String name, int rows, int vectors, Runnable call) {
        boolean whole = rows == (vectors == 1 ? Tiles.NARROW_WINDOW_ROWS : Tiles.ROWS);
        double fraction = whole ? WHOLE_FRACTION : PART_FRACTION * Math.min(1.0, (double) rows * vectors / ENOUGH_SUMS);
        double flops = 2.0 * rows * vectors * Lanes.COUNT * DEPTH;
        return SpeedGuard.arithmetic(
                name + " " + rows + "x" + vectors, flops, fraction, SpeedGuard.BYTES_OF_A_LOOP, call);
    }

    private static Stream<SpeedGuard> tilesByRows() {
        return eachShape((rows, vectors) -> tile("tile by rows", Tiles.byRows(rows, vectors), rows, vectors, 1));
    }

    /** The same code with another constant. */
    private static Stream<SpeedGuard> tilesByColumns() {
        Tile tile = Tiles.byColumns(Tiles.ROWS, 2);
        return Stream.of(tile("tile by columns", tile, Tiles.ROWS, 2, Tiles.COLUMN_STRIDE));
    }

    private static SpeedGuard tile(String name, Tile tile, int rows, int vectors, int aStep) {
        int width = vectors * Lanes.COUNT;
        float[] a = TestArrays.random(Tiles.PANEL_SIZE, 1);
        float[] b = TestArrays.random(DEPTH * width, 2);
        float[] c = new float[rows * width];
        return guard(
                name, rows, vectors, () -> tile.multiply(DEPTH, a, 0, aStep, b, 0, width, c, 0, width, rows % 2 == 0));
    }

    private static Stream<SpeedGuard> windowTiles() {
        int distance = 2 * Lanes.COUNT;
        int[] offsets = IntStream.range(0, DEPTH).toArray();
        BiFunction<Integer, Integer, SpeedGuard> guard = (rows, vectors) -> {
            WindowTile tile = Tiles.windows(rows, vectors, distance);
            int width = vectors * Lanes.COUNT;
            float[] a = TestArrays.random(rows * distance + DEPTH, 1);
            float[] b = TestArrays.random(DEPTH * width, 2);
            float[] c = new float[rows * width];
            return guard("window tile", rows, vectors, () -> tile.multiply(DEPTH, a, 0, offsets, b, 0, c, 0, width));
        };
        return Stream.concat(eachShape(guard), Stream.of(guard.apply(Tiles.NARROW_WINDOW_ROWS, 1)));
    }

    private static Stream<SpeedGuard> pixelTiles() {
        int[] offsets = IntStream.range(0, DEPTH).map(i -> i * Lanes.COUNT).toArray();
        int second = DEPTH * Lanes.COUNT;
        return ROWS.stream().map(rows -> {
            PixelTile tile = Tiles.pixels(rows);
            float[] a = TestArrays.random(DEPTH * rows, 1);
            float[] b = TestArrays.random(2 * DEPTH * Lanes.COUNT, 2);
            float[] c = new float[rows * Tiles.WIDE];
            return guard("pixel tile", rows, 2, () -> tile.multiply(DEPTH, a, 0, b, offsets, 0, second, c, 0));
        });
    }

    private static Stream<SpeedGuard> moves() {
        return Stream.of(2, 3, 6, 16, 37).flatMap(channels -> Stream.of(split(channels), join(channels)));
    }

    /** Vectors of pixels that a call moves, the last of them at an edge. */
    private static final int VECTORS = 8;

    private static SpeedGuard move(String name, int channels, Runnable call) {
        double floats = 2.0 * VECTORS * Lanes.COUNT * channels;
        return SpeedGuard.memory(
                name + " " + channels + " channels", floats, MOVE_FRACTION, SpeedGuard.BYTES_OF_A_LOOP, call);
    }

    private static SpeedGuard split(int channels) {
        Planes planes = Planes.of(channels);
        int step = Lanes.COUNT * channels;
        float[] x = TestArrays.random(VECTORS * step, 1);
        int distance = VECTORS * Lanes.COUNT;
        float[] to = new float[channels * distance];
        float[] rounds = new float[LaneTranspose.SCRATCH];
        return move("split", channels, () -> {
            for (int i = 0; i < VECTORS; i++) {
                planes.split(x, i * step, to, i * Lanes.COUNT, distance, rounds);
            }
        });
    }

    private static SpeedGuard join(int channels) {
        Planes planes = Planes.of(channels);
        int step = Lanes.COUNT * channels;
        int distance = VECTORS * Lanes.COUNT;
        float[] from = TestArrays.random(channels * distance, 1);
        float[] y = new float[VECTORS * step];
        float[] rounds = new float[LaneTranspose.SCRATCH];
        return move("join", channels, () -> {
            for (int i = 0; i < VECTORS; i++) {
                planes.join(from, i * Lanes.COUNT, distance, y, i * step, i + 1 == VECTORS, rounds);
            }
        });
    }
}
