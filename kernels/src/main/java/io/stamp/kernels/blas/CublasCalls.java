package io.stamp.kernels.blas;

/**
 * GEMMs by cuBLAS, whichever binding the calls use. Matrices are addresses on the device; every status but success is an
 * {@link io.stamp.kernels.bind.CudaException}.
 */
public interface CublasCalls extends AutoCloseable {
    /**
     * What the GEMMs run with.
     *
     * @param workspace address of device memory that they may use, a multiple of 256
     * @param computeType a {@code cublasComputeType_t}
     */
    record Settings(long stream, long workspace, long workspaceBytes, int computeType) {}

    /** What the calls go through, for people. */
    String binding();

    /** The version as 10000 times the major number, 100 times the minor one, and the patch. */
    int version();

    /** Computes a GEMM that is not empty, in the order of the stream. */
    void multiply(ColumnMajorGemm gemm, long a, long b, long c);

    @Override
    void close();
}
