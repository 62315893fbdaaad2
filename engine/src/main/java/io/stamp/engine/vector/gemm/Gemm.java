package io.stamp.engine.vector.gemm;

import io.stamp.engine.StampException;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;

/**
 * Products of dense row-major matrices. The bits of a result depend on the sizes and the vector width, not on the number of
 * threads.
 */
public final class Gemm {
    /** From so many multiply-accumulates on a matrix of a batch is worth all threads. */
    private static final long LARGE = 4L << 20;

    private Gemm() {}

    /**
     * {@code C[m][n] = op(A) op(B)}, C overwritten.
     *
     * @param transA false: A is stored as {@code [m][k]}; true: as {@code [k][m]}
     * @param transB false: B is stored as {@code [k][n]}; true: as {@code [n][k]}
     * @throws StampException if a size is negative or an array too short
     */
    public static void gemm(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            Workers workers) {
        batched(1, transA, transB, m, n, k, a, aOffset, 0, b, bOffset, 0, c, cOffset, 0, workers);
    }

    /**
     * {@link #gemm} for each of a batch of matrices that lie {@code aStride}, {@code bStride} and {@code cStride} elements apart.
     * A stride of 0 for A or B uses one matrix for the whole batch.
     *
     * @throws StampException if a size is negative, an array too short, or the results of the batch overlap
     */
    public static void batched(
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
            int cStride,
            Workers workers) {
        if (batch < 0 || m < 0 || n < 0 || k < 0) {
            throw new StampException(
                    "A GEMM has sizes >= 0, got batch " + batch + ", m " + m + ", n " + n + ", k " + k + ".");
        }
        if (batch == 0 || m == 0 || n == 0) {
            return;
        }
        requireRange("left-hand matrix", a, aOffset, batch, aStride, (long) m * k);
        requireRange("right-hand matrix", b, bOffset, batch, bStride, (long) n * k);
        requireRange("result", c, cOffset, batch, cStride, (long) m * n);
        if (batch > 1 && cStride < m * n) {
            throw new StampException(
                    "The results of a batched GEMM overlap: stride " + cStride + ", size " + m * n + ".");
        }
        if (k == 0) {
            for (int i = 0; i < batch; i++) {
                Arrays.fill(c, cOffset + i * cStride, cOffset + i * cStride + m * n, 0);
            }
            return;
        }
        if (bStride == 0 && !transA && aStride == m * k && cStride == m * n) {
            m *= batch;
            batch = 1;
        }
        BatchedGemm job = new BatchedGemm(
                batch,
                transA && m > 1,
                transB || n == 1,
                m,
                n,
                k,
                a,
                aOffset,
                aStride,
                b,
                bOffset,
                bStride,
                c,
                cOffset,
                cStride);
        if (job.kind() == BatchedGemm.Kind.PANELS && (batch == 1 || (long) m * n * k >= LARGE)) {
            for (int i = 0; i < batch; i++) {
                job.byPanels(i, workers);
            }
        } else {
            workers.parallel(job.tasks(), job);
        }
    }

    private static void requireRange(String what, float[] array, int offset, int batch, int stride, long size) {
        long end = offset + (batch - 1L) * stride + size;
        if (offset < 0 || stride < 0 || end > array.length) {
            throw new StampException("The " + what + " of a GEMM needs the elements " + offset + " to " + (end - 1)
                    + " of an array of " + array.length + ".");
        }
    }
}
