package io.stamp.engine.vector.codegen;

import static io.stamp.engine.vector.codegen.KernelClass.species;

import io.stamp.engine.vector.runtime.Lanes;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.function.IntToDoubleFunction;

/** Writes the kernels of {@link GridKernel}: all cells in registers, constants in the code, sums that two rows or columns share once. */
final class GridCompiler {
    /** Parameters of {@link GridKernel#run}; local 0 is the kernel itself. */
    private static final int COUNT = 1;

    private static final int FROM = 2;
    private static final int TO = 4;
    private static final int ROW_STEP = 6;
    private static final int COLUMN_STEP = 7;

    private final CodeBuilder code;

    /** The grid that is a buffer's, and the distance of its cells. */
    private final int buffer;

    private final int distance;

    /** The mask of a tail, or -1. */
    private final int mask;

    private GridCompiler(CodeBuilder code, boolean toBuffer, int distance, boolean tail) {
        this.code = code;
        this.buffer = toBuffer ? TO : FROM;
        this.distance = distance;
        if (tail) {
            mask = code.allocateLocal(TypeKind.REFERENCE);
            KernelClass.first(code.iload(COUNT)).astore(mask);
        } else {
            mask = -1;
        }
    }

    /**
     * A kernel of its own class for {@code left * from * right^T}.
     *
     * @param toBuffer whether the buffer is what is written
     * @param distance of the buffer's cells
     * @param tail whether it maps some lanes of one vector rather than whole vectors
     */
    static GridKernel kernel(
            String name, PointMatrix left, PointMatrix right, boolean toBuffer, int distance, boolean tail) {
        return KernelClass.define(name, GridKernel.class, code -> {
            GridCompiler compiler = new GridCompiler(code, toBuffer, distance, tail);
            if (tail) {
                int zero = code.allocateLocal(TypeKind.INT);
                code.iconst_0().istore(zero);
                compiler.map(left, right, zero);
            } else {
                KernelClass.repeat(code, COUNT, i -> compiler.map(left, right, i));
            }
            code.return_();
        });
    }

    /** Vector {@code i} of each cell. */
    private void map(PointMatrix left, PointMatrix right, int i) {
        int[][] half = new int[right.columns()][];
        for (int column = 0; column < half.length; column++) {
            int[] cells = new int[left.columns()];
            for (int row = 0; row < cells.length; row++) {
                species(code);
                place(FROM, row, column, half.length, i);
                cells[row] = keep(KernelClass.load(code));
            }
            half[column] = multiply(left, cells);
        }
        for (int row = 0; row < left.rows(); row++) {
            int[] cells = new int[half.length];
            for (int column = 0; column < cells.length; column++) {
                cells[column] = half[column][row];
            }
            int[] results = multiply(right, cells);
            for (int column = 0; column < results.length; column++) {
                code.aload(results[column]);
                place(TO, row, column, results.length, i);
                if (mask < 0) {
                    KernelClass.store(code);
                } else {
                    KernelClass.storeMasked(code.aload(mask));
                }
            }
        }
    }

    /** Pushes array and index of a cell's vector. */
    private void place(int grid, int row, int column, int columns, int i) {
        code.aload(grid).iload(grid + 1);
        if (grid == buffer) {
            code.loadConstant((row * columns + column) * distance).iadd();
        } else {
            code.iload(ROW_STEP).loadConstant(row).imul().iadd();
            code.iload(COLUMN_STEP).loadConstant(column).imul().iadd();
        }
        code.iload(i).loadConstant(Lanes.COUNT).imul().iadd();
    }

    /** The product of a matrix and a column of vectors. */
    private int[] multiply(PointMatrix matrix, int[] in) {
        return matrix.pointsInRows() ? byRows(matrix.values(), in) : byColumns(matrix.values(), in);
    }

    /** Rows of p and -p are the sum and the difference of an even and an odd part. */
    private int[] byRows(double[][] rows, int[] in) {
        int last = rows.length - 1;
        int[] out = new int[rows.length];
        out[0] = sum(column -> rows[0][column], in);
        for (int row = 1; row < last; row += 2) {
            double[] plus = rows[row];
            double[] minus = rows[row + 1];
            int even = sum(column -> (plus[column] + minus[column]) / 2, in);
            int odd = sum(column -> (plus[column] - minus[column]) / 2, in);
            out[row] = keep(KernelClass.add(code.aload(even).aload(odd)));
            out[row + 1] = keep(KernelClass.subtract(code.aload(even).aload(odd)));
        }
        out[last] = sum(column -> rows[last][column], in);
        return out;
    }

    /** The inputs of p and -p are replaced by their sum and their difference, of which every row uses one. */
    private int[] byColumns(double[][] rows, int[] in) {
        int[] parts = in.clone();
        for (int column = 1; column < in.length - 1; column += 2) {
            parts[column] = keep(KernelClass.add(code.aload(in[column]).aload(in[column + 1])));
            parts[column + 1] = keep(KernelClass.subtract(code.aload(in[column]).aload(in[column + 1])));
        }
        int[] out = new int[rows.length];
        for (int i = 0; i < out.length; i++) {
            double[] row = rows[i];
            out[i] = sum(column -> ofParts(row, column), parts);
        }
        return out;
    }

    private static double ofParts(double[] row, int column) {
        if (column == 0 || column == row.length - 1) {
            return row[column];
        }
        return column % 2 == 1 ? (row[column] + row[column + 1]) / 2 : (row[column - 1] - row[column]) / 2;
    }

    /** Adds up vectors times constants; begins with one that needs no multiplication, if there is one. */
    private int sum(IntToDoubleFunction factors, int[] in) {
        int first = -1;
        for (int i = in.length - 1; i >= 0; i--) {
            double factor = factors.applyAsDouble(i);
            if (factor == 1 || factor != 0 && (first < 0 || factors.applyAsDouble(first) != 1)) {
                first = i;
            }
        }
        int sum = factors.applyAsDouble(first) == 1
                ? in[first]
                : keep(KernelClass.multiply(times(factors.applyAsDouble(first), in[first])));
        for (int i = 0; i < in.length; i++) {
            double factor = factors.applyAsDouble(i);
            if (i == first || factor == 0) {
                continue;
            }
            if (factor == 1) {
                sum = keep(KernelClass.add(code.aload(sum).aload(in[i])));
            } else if (factor == -1) {
                sum = keep(KernelClass.subtract(code.aload(sum).aload(in[i])));
            } else {
                sum = keep(KernelClass.multiplyAdd(times(factor, in[i]).aload(sum)));
            }
        }
        return sum;
    }

    /** Pushes a constant's vector and a vector. */
    private CodeBuilder times(double factor, int vector) {
        species(code).loadConstant((float) factor);
        return KernelClass.broadcast(code).aload(vector);
    }

    /** Moves the stack's top to a new local variable. */
    private int keep(CodeBuilder result) {
        int vector = code.allocateLocal(TypeKind.REFERENCE);
        result.astore(vector);
        return vector;
    }
}
