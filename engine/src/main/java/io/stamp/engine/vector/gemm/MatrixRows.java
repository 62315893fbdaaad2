package io.stamp.engine.vector.gemm;

import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.layout.Patches;
import io.stamp.engine.vector.layout.RowSource;
import io.stamp.engine.vector.runtime.Lanes;

/**
 * A matrix in memory as the left-hand side of a blocked GEMM, {@code [m][k]} or, if transposed, {@code [k][m]}; dense.
 *
 * @param stride elements of a row in memory
 */
record MatrixRows(float[] a, int offset, int stride, boolean transposed) implements RowSource {

    @Override
    public boolean byColumns() {
        return transposed;
    }

    @Override
    public void pack(int batch, int firstRow, int rows, int k0, int k1, float[] panel, int target, int targetStride) {
        if (transposed) {
            Packing.packRows(a, offset + k0 * stride + firstRow, stride, k1 - k0, rows, panel, target, targetStride);
            return;
        }
        int length = k1 - k0;
        int source = offset + firstRow * stride + k0;
        // Whole vectors are read; with short rows those of several last ones would reach beyond the array.
        int reach = Math.ceilDiv(length, Lanes.COUNT) * Lanes.COUNT;
        int safe = Math.clamp(Math.floorDiv(a.length - source - reach, stride) + 1, 0, rows);
        Patches.copyBlock(a, source, stride, panel, target, targetStride, safe, length);
        for (int row = safe; row < rows; row++) {
            System.arraycopy(a, source + row * stride, panel, target + row * targetStride, length);
        }
    }
}
