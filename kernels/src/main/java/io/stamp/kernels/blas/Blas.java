package io.stamp.kernels.blas;

/** GEMMs on the device, in the order of its stream. */
public interface Blas extends AutoCloseable {
    /**
     * {@code C[b] = op(A[b]) op(B[b])} for every b below {@code batch}; all matrices are float32, dense and row-major.
     *
     * @param transposeA whether {@code A[b]} lies in memory as {@code [k, m]} rather than {@code [m, k]}
     * @param transposeB whether {@code B[b]} lies in memory as {@code [n, k]} rather than {@code [k, n]}
     * @param m rows of C
     * @param n columns of C
     * @param k length of the sums
     * @param a address of the first matrix A
     * @param strideA elements from one matrix A to the next; 0 uses the same one for the whole batch
     * @param b address of the first matrix B
     * @param strideB elements from one matrix B to the next
     * @param c address of the first matrix C, which overlaps neither A nor B
     * @param strideC elements from one matrix C to the next
     */
    void multiply(
            int batch,
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            long a,
            long strideA,
            long b,
            long strideB,
            long c,
            long strideC);

    /** One line for people and provenance: library, version, precision. */
    String description();

    @Override
    void close();
}
