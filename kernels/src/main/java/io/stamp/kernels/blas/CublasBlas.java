package io.stamp.kernels.blas;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.device.Precision;
import java.util.Locale;
import java.util.function.Function;

/**
 * cuBLAS 12 or 13. On one stream with a workspace of its own it gives the same bits for the same GEMM on
 * the same device (cuBLAS documentation, "Results reproducibility"), and allocates nothing, as the capture of graphs wants it.
 */
public final class CublasBlas implements Blas {
    private static final int OLDEST = 12;
    private static final int NEWEST = 13;

    /** What NVIDIA recommends for compute capability 9.0 and newer; older devices need less. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    /** A {@code cublasComputeType_t}: sums in float32, of the operands as they are. */
    static final int COMPUTE_32F = 68;

    private static final int COMPUTE_32F_FAST_16BF = 75;
    private static final int COMPUTE_32F_FAST_TF32 = 77;

    private final Opened opened = new Opened();
    private final CublasCalls cublas;
    private final String description;

    /**
     * Opens the library.
     *
     * @param open opens it
     * @throws StampException if cuBLAS is missing or of another version
     */
    public CublasBlas(CudaStream stream, Precision precision, Function<CublasCalls.Settings, CublasCalls> open) {
        try {
            DeviceBuffer workspace = stream.pool().allocate(WORKSPACE_BYTES, "the workspace of cuBLAS");
            opened.add(() -> stream.pool().free(workspace));
            cublas = open.apply(new CublasCalls.Settings(
                    stream.handle(), workspace.address(), workspace.bytes(), computeType(precision)));
            opened.add(cublas::close);
            int version = cublas.version();
            requireKnown(version);
            description = "cuBLAS " + LibraryVersions.triple(version) + " (" + cublas.binding() + ", "
                    + precision.name().toLowerCase(Locale.ROOT) + ")";
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    private static void requireKnown(int version) {
        if (version / 10000 < OLDEST || version / 10000 > NEWEST) {
            throw new StampException("cuBLAS is of version " + LibraryVersions.triple(version)
                    + ", and STAMP needs version 12 or 13; see `doctor` for where it came from.");
        }
    }

    private static int computeType(Precision precision) {
        return switch (precision) {
            case STRICT -> COMPUTE_32F;
            case TF32 -> COMPUTE_32F_FAST_TF32;
            case BF16 -> COMPUTE_32F_FAST_16BF;
        };
    }

    @Override
    public void multiply(
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
            long strideC) {
        if (batch == 0 || m == 0 || n == 0) {
            return;
        }
        // A row-major matrix is its transpose to a column-major library, and the transpose of AB is the product of the
        // transposes in the other order.
        cublas.multiply(
                new ColumnMajorGemm(batch, transposeB, transposeA, n, m, k, strideB, strideA, strideC), b, a, c);
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void close() {
        opened.close();
    }
}
