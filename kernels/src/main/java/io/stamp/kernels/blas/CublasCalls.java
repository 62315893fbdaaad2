package io.stamp.kernels.blas;

/**
 * Products by cuBLAS, whichever way the calls take. Matrices are addresses on the device; every status but success is an
 * {@link io.stamp.kernels.bind.CudaException}.
 */
public interface CublasCalls extends AutoCloseable {
    /**
     * What the products run with.
     *
     * @param workspace address of device memory that they may use, a multiple of 256
     * @param computeType a {@code cublasComputeType_t}
     */
    record Settings(long stream, long workspace, long workspaceBytes, int computeType) {}

    /** The way that the calls take, for people. */
    String way();

    /** The version as 10000 times the major number, 100 times the minor one, and the patch. */
    int version();

    /** Computes a product that is not empty, in the order of the stream. */
    void multiply(ColumnProduct product, long a, long b, long c);

    @Override
    void close();
}
