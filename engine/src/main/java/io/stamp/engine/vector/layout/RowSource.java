package io.stamp.engine.vector.layout;

/** The left-hand matrices {@code A[batch][m][k]} of a blocked GEMM, which need not exist in memory. */
public interface RowSource {
    /** Whether panels hold columns: the rows of one k side by side instead of the k of one row. */
    default boolean byColumns() {
        return false;
    }

    /**
     * Writes rows {@code firstRow} to {@code firstRow + rows - 1}, columns {@code k0} to {@code k1 - 1}, to {@code panel}: the
     * first element at {@code offset}, rows (or columns, see {@link #byColumns}) {@code stride} apart. May overshoot each row
     * by less than a vector.
     */
    void pack(int batch, int firstRow, int rows, int k0, int k1, float[] panel, int offset, int stride);
}
