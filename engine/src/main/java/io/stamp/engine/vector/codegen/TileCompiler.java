package io.stamp.engine.vector.codegen;

import static io.stamp.engine.vector.codegen.KernelClass.species;

import io.stamp.engine.vector.runtime.Lanes;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;

/**
 * Writes tiles. What a tile of 2 rows and 1 vector does, in Java:
 *
 * <pre>{@code
 * FloatVector s0 = FloatVector.zero(SPECIES), s1 = FloatVector.zero(SPECIES);
 * for (int i = 0; i < k; i++) {
 *     FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + i * bStep);
 *     int at = aOffset + i * aStep;
 *     s0 = FloatVector.broadcast(SPECIES, a[at]).fma(b0, s0);
 *     s1 = FloatVector.broadcast(SPECIES, a[at + rowDistance]).fma(b0, s1);
 * }
 * }</pre>
 *
 * <p>and then it stores the sums. With a constant row distance the broadcasts are loads with immediate offsets.
 */
final class TileCompiler {
    private final CodeBuilder code;
    private final int vectors;
    private final int[][] sums;

    /** Begins a kernel: declares the sums and sets them to zero. */
    private TileCompiler(CodeBuilder code, int rows, int vectors) {
        this.code = code;
        this.vectors = vectors;
        this.sums = new int[rows][vectors];
        for (int[] row : sums) {
            for (int v = 0; v < vectors; v++) {
                row[v] = code.allocateLocal(TypeKind.REFERENCE);
                KernelClass.zero(species(code)).astore(row[v]);
            }
        }
    }

    /**
     * A tile of its own class.
     *
     * @param rowDistance elements of A between two rows of the same column
     */
    static Tile tile(int rows, int vectors, int rowDistance) {
        return KernelClass.define(
                "Tile" + rows + "x" + vectors, Tile.class, code -> new TileCompiler(code, rows, vectors)
                        .tile(rowDistance));
    }

    /** A tile with so many output channels and two vectors of pixels. */
    static PixelTile pixelTile(int rows) {
        return KernelClass.define(
                "PixelTile" + rows, PixelTile.class, code -> new TileCompiler(code, rows, 2).pixelTile());
    }

    /**
     * A tile that reads windows.
     *
     * @param pixelDistance elements between the windows of neighbouring pixels
     */
    static WindowTile windowTile(int pixels, int vectors, int pixelDistance) {
        return KernelClass.define(
                "WindowTile" + pixels + "x" + vectors, WindowTile.class, code -> new TileCompiler(code, pixels, vectors)
                        .windowTile(pixelDistance));
    }

    private void tile(int rowDistance) {
        // Parameters of Tile.multiply; local 0 is the tile itself.
        int k = 1;
        int a = 2;
        int aOffset = 3;
        int aStep = 4;
        int b = 5;
        int bOffset = 6;
        int bStep = 7;
        int c = 8;
        int cOffset = 9;
        int cStride = 10;
        int accumulate = 11;
        KernelClass.repeat(code, k, i -> {
            int[] right = new int[vectors];
            for (int v = 0; v < vectors; v++) {
                species(code).aload(b).iload(bOffset);
                code.iload(i).iload(bStep).imul().iadd();
                code.loadConstant(v * Lanes.COUNT).iadd();
                right[v] = loadRight();
            }
            code.iload(aOffset).iload(i).iload(aStep).imul().iadd();
            multiplyAdd(a, rowDistance, right);
        });
        Label overwrite = code.newLabel();
        Label end = code.newLabel();
        code.iload(accumulate).ifeq(overwrite);
        forEachSum(c, cOffset, cStride, this::addToStored);
        code.goto_(end).labelBinding(overwrite);
        forEachSum(c, cOffset, cStride, this::store);
        code.labelBinding(end).return_();
    }

    private void pixelTile() {
        // Parameters of PixelTile.multiply.
        int k = 1;
        int a = 2;
        int aOffset = 3;
        int b = 4;
        int bOffsets = 5;
        int[] bases = {6, 7};
        int c = 8;
        int cOffset = 9;
        KernelClass.repeat(code, k, i -> {
            int offset = code.allocateLocal(TypeKind.INT);
            code.aload(bOffsets).iload(i).iaload().istore(offset);
            int[] right = new int[vectors];
            for (int v = 0; v < vectors; v++) {
                species(code).aload(b).iload(bases[v]).iload(offset).iadd();
                right[v] = loadRight();
            }
            code.iload(aOffset).iload(i).loadConstant(sums.length).imul().iadd();
            multiplyAdd(a, 1, right);
        });
        int cStride = code.allocateLocal(TypeKind.INT);
        code.loadConstant(vectors * Lanes.COUNT).istore(cStride);
        forEachSum(c, cOffset, cStride, this::store);
        code.return_();
    }

    private void windowTile(int pixelDistance) {
        // Parameters of WindowTile.multiply.
        int k = 1;
        int a = 2;
        int aOffset = 3;
        int aOffsets = 4;
        int b = 5;
        int bOffset = 6;
        int c = 7;
        int cOffset = 8;
        int cStride = 9;
        KernelClass.repeat(code, k, i -> {
            int[] right = new int[vectors];
            for (int v = 0; v < vectors; v++) {
                species(code).aload(b).iload(bOffset);
                code.iload(i).loadConstant(vectors * Lanes.COUNT).imul().iadd();
                code.loadConstant(v * Lanes.COUNT).iadd();
                right[v] = loadRight();
            }
            code.iload(aOffset).aload(aOffsets).iload(i).iaload().iadd();
            multiplyAdd(a, pixelDistance, right);
        });
        forEachSum(c, cOffset, cStride, this::store);
        code.return_();
    }

    /** Loads what species, array and index on the stack say; the local variable that holds it. */
    private int loadRight() {
        int vector = code.allocateLocal(TypeKind.REFERENCE);
        KernelClass.load(code).astore(vector);
        return vector;
    }

    /** Adds the products of one step; where A's first element lies is on the stack. */
    private void multiplyAdd(int a, int rowDistance, int[] right) {
        int at = code.allocateLocal(TypeKind.INT);
        int left = code.allocateLocal(TypeKind.REFERENCE);
        code.istore(at);
        for (int row = 0; row < sums.length; row++) {
            species(code)
                    .aload(a)
                    .iload(at)
                    .loadConstant(row * rowDistance)
                    .iadd()
                    .faload();
            KernelClass.broadcast(code).astore(left);
            for (int v = 0; v < vectors; v++) {
                int sum = sums[row][v];
                code.aload(left).aload(right[v]).aload(sum);
                KernelClass.multiplyAdd(code).astore(sum);
            }
        }
    }

    /** What to do with a sum; {@code place} pushes where it belongs, array and index. */
    private interface Storing {
        void accept(int sum, Runnable place);
    }

    private void forEachSum(int c, int cOffset, int cStride, Storing storing) {
        int at = code.allocateLocal(TypeKind.INT);
        code.iload(cOffset).istore(at);
        for (int[] row : sums) {
            for (int v = 0; v < vectors; v++) {
                int column = v * Lanes.COUNT;
                storing.accept(
                        row[v],
                        () -> code.aload(c).iload(at).loadConstant(column).iadd());
            }
            code.iload(at).iload(cStride).iadd().istore(at);
        }
    }

    private void store(int sum, Runnable place) {
        code.aload(sum);
        place.run();
        KernelClass.store(code);
    }

    private void addToStored(int sum, Runnable place) {
        species(code);
        place.run();
        KernelClass.load(code).aload(sum);
        KernelClass.add(code);
        place.run();
        KernelClass.store(code);
    }
}
