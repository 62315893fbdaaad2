package io.stamp.kernels.blas;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CublasLt;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.device.Opened;

/**
 * One GEMM by cuBLASLt of matrices that lie in memory in bfloat16, with sums and result in float32: what tensor cores do at best, for
 * measurements. The precision {@code bf16} of {@link CublasBlas} rounds float32 operands on their way, which takes twice the memory
 * traffic.
 */
public final class Bfloat16Gemm implements AutoCloseable {
    private static final int BYTES = 2;
    private static final int PACK = 4;
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final Opened opened = new Opened();
    private final CublasCalls cublas;
    private final ColumnMajorGemm gemm;
    private final long left;
    private final long right;
    private final long result;

    /**
     * Rounds the operands into memory of its own.
     *
     * @param left {@code [m, k]}
     * @param right {@code [k, n]}
     * @param result {@code [m, n]}, which each {@link #run} replaces
     */
    public Bfloat16Gemm(CudaStream stream, DeviceFloats left, DeviceFloats right, DeviceFloats result) {
        int m = left.shape().dim(0);
        int k = left.shape().dim(1);
        int n = right.shape().dim(1);
        if (right.shape().dim(0) != k || !result.shape().equals(Shape.of(m, n))) {
            throw new StampException("Matrices of the shapes " + left.shape() + " and " + right.shape()
                    + " do not multiply to the shape " + result.shape() + ".");
        }
        try {
            this.left = rounded(left, stream);
            this.right = rounded(right, stream);
            this.result = result.address();
            DeviceBuffer workspace = allocated(WORKSPACE_BYTES, stream.pool());
            cublas = new FfmCublasLt(
                    new CublasCalls.Settings(
                            stream.handle(), workspace.address(), workspace.bytes(), CublasBlas.COMPUTE_32F),
                    CublasLt.BFLOAT16);
            opened.add(cublas::close);
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
        // The row-major product is the column-major one of the operands the other way round.
        gemm = new ColumnMajorGemm(1, false, false, n, m, k, 0, 0, 0);
    }

    private DeviceBuffer allocated(long bytes, DevicePool pool) {
        DeviceBuffer buffer = pool.allocate(bytes, "a GEMM in bfloat16");
        opened.add(() -> pool.free(buffer));
        return buffer;
    }

    private long rounded(DeviceFloats values, CudaStream stream) {
        long copy = allocated((long) BYTES * values.size(), stream.pool()).address();
        stream.launch("to_bfloat16")
                .pointer(values)
                .pointer(copy)
                .integer(values.size())
                .over(Math.ceilDiv(values.size(), PACK));
        return copy;
    }

    /** Puts the GEMM into the stream. */
    public void run() {
        cublas.multiply(gemm, right, left, result);
    }

    /** Only after the device is done with the last run. */
    @Override
    public void close() {
        opened.close();
    }
}
