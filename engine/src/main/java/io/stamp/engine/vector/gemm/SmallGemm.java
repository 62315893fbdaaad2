package io.stamp.engine.vector.gemm;

import io.stamp.engine.vector.runtime.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * GEMMs that read their operands where they lie: for matrices too small, or with too few rows, to pay for packing.
 * Offsets and strides are in elements.
 */
final class SmallGemm {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = Lanes.COUNT;

    /** Scratch that {@link #byDots} needs. */
    static final int LANE_SUMS = 4 * LANES;

    private SmallGemm() {}

    /**
     * {@code C[m][n] = A B[k][n]} with lanes over n, where element (i, l) of A is {@code a[aOffset + i * aRow + l * aStep]}.
     */
    static void byColumns(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            int aStep,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride) {
        for (int j = 0; j < n; j += LANES) {
            int columns = Math.min(LANES, n - j);
            int i = 0;
            for (; i + 4 <= m; i += 4) {
                fourRows(
                        columns,
                        k,
                        a,
                        aOffset + i * aRow,
                        aRow,
                        aStep,
                        b,
                        bOffset + j,
                        bStride,
                        c,
                        cOffset + i * cStride + j,
                        cStride);
            }
            for (; i < m; i++) {
                oneRow(columns, k, a, aOffset + i * aRow, aStep, b, bOffset + j, bStride, c, cOffset + i * cStride + j);
            }
        }
    }

    private static void fourRows(
            int columns,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            int aStep,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride) {
        VectorMask<Float> mask = SPECIES.indexInRange(0, columns);
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int l = 0; l < k; l++) {
            FloatVector y = FloatVector.fromArray(SPECIES, b, bOffset + l * bStride, mask);
            int at = aOffset + l * aStep;
            s0 = FloatVector.broadcast(SPECIES, a[at]).fma(y, s0);
            s1 = FloatVector.broadcast(SPECIES, a[at + aRow]).fma(y, s1);
            s2 = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]).fma(y, s2);
            s3 = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]).fma(y, s3);
        }
        s0.intoArray(c, cOffset, mask);
        s1.intoArray(c, cOffset + cStride, mask);
        s2.intoArray(c, cOffset + 2 * cStride, mask);
        s3.intoArray(c, cOffset + 3 * cStride, mask);
    }

    private static void oneRow(
            int columns,
            int k,
            float[] a,
            int aOffset,
            int aStep,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset) {
        VectorMask<Float> mask = SPECIES.indexInRange(0, columns);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int l = 0; l < k; l++) {
            FloatVector y = FloatVector.fromArray(SPECIES, b, bOffset + l * bStride, mask);
            sum = FloatVector.broadcast(SPECIES, a[aOffset + l * aStep]).fma(y, sum);
        }
        sum.intoArray(c, cOffset, mask);
    }

    /**
     * {@code C[m][n] = A[m][k] B[n][k]^T} with lanes over k: every element of C is one dot product.
     *
     * @param lanes scratch of {@link #LANE_SUMS} floats
     */
    static void byDots(
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
            int cStride,
            float[] lanes) {
        int i = 0;
        for (; i + 4 <= m; i += 4) {
            for (int j = 0; j < n; j++) {
                fourDots(
                        k,
                        a,
                        aOffset + i * aStride,
                        aStride,
                        b,
                        bOffset + j * bStride,
                        c,
                        cOffset + i * cStride + j,
                        cStride,
                        lanes);
            }
        }
        for (; i < m; i++) {
            int j = 0;
            for (; j + 4 <= n; j += 4) {
                fourDots(
                        k,
                        b,
                        bOffset + j * bStride,
                        bStride,
                        a,
                        aOffset + i * aStride,
                        c,
                        cOffset + i * cStride + j,
                        1,
                        lanes);
            }
            for (; j < n; j++) {
                c[cOffset + i * cStride + j] = dot(k, a, aOffset + i * aStride, b, bOffset + j * bStride, lanes);
            }
        }
    }

    /** Dot products of four rows of p with one row of q. */
    private static void fourDots(
            int k,
            float[] p,
            int pOffset,
            int pStride,
            float[] q,
            int qOffset,
            float[] c,
            int cOffset,
            int cStride,
            float[] lanes) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int full = SPECIES.loopBound(k);
        for (int l = 0; l < full; l += LANES) {
            FloatVector y = FloatVector.fromArray(SPECIES, q, qOffset + l);
            int at = pOffset + l;
            s0 = FloatVector.fromArray(SPECIES, p, at).fma(y, s0);
            s1 = FloatVector.fromArray(SPECIES, p, at + pStride).fma(y, s1);
            s2 = FloatVector.fromArray(SPECIES, p, at + 2 * pStride).fma(y, s2);
            s3 = FloatVector.fromArray(SPECIES, p, at + 3 * pStride).fma(y, s3);
        }
        VectorMask<Float> mask = SPECIES.indexInRange(full, k);
        FloatVector y = FloatVector.fromArray(SPECIES, q, qOffset + full, mask);
        int at = pOffset + full;
        s0 = FloatVector.fromArray(SPECIES, p, at, mask).fma(y, s0);
        s1 = FloatVector.fromArray(SPECIES, p, at + pStride, mask).fma(y, s1);
        s2 = FloatVector.fromArray(SPECIES, p, at + 2 * pStride, mask).fma(y, s2);
        s3 = FloatVector.fromArray(SPECIES, p, at + 3 * pStride, mask).fma(y, s3);
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
        s2.intoArray(lanes, 2 * LANES);
        s3.intoArray(lanes, 3 * LANES);
        for (int row = 0; row < 4; row++) {
            c[cOffset + row * cStride] = sum(lanes, row * LANES);
        }
    }

    private static float dot(int k, float[] p, int pOffset, float[] q, int qOffset, float[] lanes) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int full = SPECIES.loopBound(k);
        for (int l = 0; l < full; l += LANES) {
            sum = FloatVector.fromArray(SPECIES, p, pOffset + l)
                    .fma(FloatVector.fromArray(SPECIES, q, qOffset + l), sum);
        }
        VectorMask<Float> mask = SPECIES.indexInRange(full, k);
        FloatVector x = FloatVector.fromArray(SPECIES, p, pOffset + full, mask);
        FloatVector y = FloatVector.fromArray(SPECIES, q, qOffset + full, mask);
        x.fma(y, sum).intoArray(lanes, 0);
        return sum(lanes, 0);
    }

    /** Adds the lanes in one fixed order, which {@code reduceLanes} does not: interpreted and compiled it may differ in bits. */
    private static float sum(float[] lanes, int offset) {
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[offset + i] += lanes[offset + half + i];
            }
        }
        return lanes[offset];
    }
}
