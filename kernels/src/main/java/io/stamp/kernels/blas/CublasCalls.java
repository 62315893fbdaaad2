package io.stamp.kernels.blas;

/**
 * The calls of cuBLAS that {@link CublasBlas} makes, whichever way they take. Handles are addresses in the library's memory, matrices are
 * addresses on the device; every status but success is an {@link io.stamp.kernels.bind.CudaException}.
 */
public interface CublasCalls {
    /** The way that the calls take, for people. */
    String way();

    /** A handle for the calling thread's context. */
    long create();

    void destroy(long handle);

    /** The version as 10000 times the major number, 100 times the minor one, and the patch. */
    int version(long handle);

    void setStream(long handle, long stream);

    /** The device memory that the handle's products may use. */
    void setWorkspace(long handle, long address, long bytes);

    /**
     * {@code C[i] = op(A[i]) op(B[i])}, float32 and column-major; the transpositions are 0 or 1, leading dimensions and strides count
     * elements.
     *
     * @param computeType a {@code cublasComputeType_t}
     */
    void multiply(
            long handle,
            int transposeA,
            int transposeB,
            int m,
            int n,
            int k,
            long a,
            int leadingA,
            long strideA,
            long b,
            int leadingB,
            long strideB,
            long c,
            int leadingC,
            long strideC,
            int batch,
            int computeType);
}
