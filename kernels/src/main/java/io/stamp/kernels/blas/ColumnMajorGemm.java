package io.stamp.kernels.blas;

/**
 * A GEMM as cuBLAS sees it: {@code C[b] = op(A[b]) op(B[b])} of dense column-major matrices, op(A) m x k, op(B) k x n.
 *
 * @param transposeA whether {@code A[b]} lies in memory as k x m
 * @param transposeB whether {@code B[b]} lies in memory as n x k
 * @param strideA elements from one matrix A to the next
 */
public record ColumnMajorGemm(
        int batch,
        boolean transposeA,
        boolean transposeB,
        int m,
        int n,
        int k,
        long strideA,
        long strideB,
        long strideC) {
    /** Elements from one column of A to the next, the rows of A in memory. */
    public int leadingA() {
        return Math.max(transposeA ? k : m, 1);
    }

    /** As {@link #leadingA} for B. */
    public int leadingB() {
        return Math.max(transposeB ? n : k, 1);
    }

    /** As {@link #leadingA} for C. */
    public int leadingC() {
        return m;
    }
}
