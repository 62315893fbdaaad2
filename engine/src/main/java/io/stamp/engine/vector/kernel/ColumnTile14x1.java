package io.stamp.engine.vector.kernel;

import io.stamp.engine.vector.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Micro-kernel: 14 rows times one vector of columns, A by columns: the 14 elements of one reduction step lie side by side. For the
 * rules that keep it fast see {@link RowTile14x2}.
 */
final class ColumnTile14x1 {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int WIDTH = Lanes.COUNT;

    private ColumnTile14x1() {}

    /**
     * {@code C[r][j] (+)= sum over i < k of a[aOffset + i * aStride + r] * b[bOffset + i * WIDTH + j]} with C's rows
     * {@code cStride} apart; adds to C if {@code accumulate}, else overwrites it.
     */
    static void multiply(
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s00a = zero;
        FloatVector s01a = zero;
        FloatVector s02a = zero;
        FloatVector s03a = zero;
        FloatVector s04a = zero;
        FloatVector s05a = zero;
        FloatVector s06a = zero;
        FloatVector s07a = zero;
        FloatVector s08a = zero;
        FloatVector s09a = zero;
        FloatVector s10a = zero;
        FloatVector s11a = zero;
        FloatVector s12a = zero;
        FloatVector s13a = zero;
        for (int i = 0; i < k; i++) {
            FloatVector ba = FloatVector.fromArray(SPECIES, b, bOffset + i * WIDTH);
            FloatVector x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride]);
            s00a = x.fma(ba, s00a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 1]);
            s01a = x.fma(ba, s01a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 2]);
            s02a = x.fma(ba, s02a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 3]);
            s03a = x.fma(ba, s03a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 4]);
            s04a = x.fma(ba, s04a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 5]);
            s05a = x.fma(ba, s05a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 6]);
            s06a = x.fma(ba, s06a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 7]);
            s07a = x.fma(ba, s07a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 8]);
            s08a = x.fma(ba, s08a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 9]);
            s09a = x.fma(ba, s09a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 10]);
            s10a = x.fma(ba, s10a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 11]);
            s11a = x.fma(ba, s11a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 12]);
            s12a = x.fma(ba, s12a);
            x = FloatVector.broadcast(SPECIES, a[aOffset + i * aStride + 13]);
            s13a = x.fma(ba, s13a);
        }
        int row = cOffset;
        if (accumulate) {
            FloatVector.fromArray(SPECIES, c, row).add(s00a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s01a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s02a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s03a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s04a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s05a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s06a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s07a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s08a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s09a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s10a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s11a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s12a).intoArray(c, row);
            row += cStride;
            FloatVector.fromArray(SPECIES, c, row).add(s13a).intoArray(c, row);
        } else {
            s00a.intoArray(c, row);
            row += cStride;
            s01a.intoArray(c, row);
            row += cStride;
            s02a.intoArray(c, row);
            row += cStride;
            s03a.intoArray(c, row);
            row += cStride;
            s04a.intoArray(c, row);
            row += cStride;
            s05a.intoArray(c, row);
            row += cStride;
            s06a.intoArray(c, row);
            row += cStride;
            s07a.intoArray(c, row);
            row += cStride;
            s08a.intoArray(c, row);
            row += cStride;
            s09a.intoArray(c, row);
            row += cStride;
            s10a.intoArray(c, row);
            row += cStride;
            s11a.intoArray(c, row);
            row += cStride;
            s12a.intoArray(c, row);
            row += cStride;
            s13a.intoArray(c, row);
        }
    }
}
