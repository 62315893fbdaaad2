package io.stamp.kernels.blas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.stamp.engine.StampException;
import io.stamp.kernels.Precision;
import io.stamp.kernels.bind.Cublas;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.device.Queue;
import java.lang.foreign.Arena;
import java.util.Locale;

/**
 * cuBLAS 12 or 13, called through FFM. A handle on one stream with a workspace of its own gives the same bits for the same product on
 * the same device (cuBLAS documentation, "Results reproducibility"), and allocates nothing, as the capture of graphs wants it.
 */
public final class CublasBlas implements Blas {
    private static final int OLDEST = 12;
    private static final int NEWEST = 13;

    /** What NVIDIA recommends for compute capability 9.0 and newer; older devices need less. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private static final int COMPUTE_32F = 68;
    private static final int COMPUTE_32F_FAST_16BF = 75;
    private static final int COMPUTE_32F_FAST_TF32 = 77;

    private final Opened opened = new Opened();
    private final long one;
    private final long zero;
    private final long handle;
    private final int computeType;
    private final String description;

    /** @throws StampException if cuBLAS is missing or of another version */
    public CublasBlas(Queue queue) {
        try {
            Arena arena = Arena.ofShared();
            opened.add(arena::close);
            one = arena.allocateFrom(JAVA_FLOAT, 1).address();
            zero = arena.allocateFrom(JAVA_FLOAT, 0).address();
            DeviceBuffer workspace = queue.pool().allocate(WORKSPACE_BYTES, "the workspace of cuBLAS");
            opened.add(() -> queue.pool().free(workspace));
            handle = Cublas.create();
            opened.add(() -> Cublas.destroy(handle));
            int version = Cublas.version(handle);
            requireKnown(version);
            Cublas.setStream(handle, queue.stream());
            Cublas.setWorkspace(handle, workspace.address(), workspace.bytes());
            computeType = computeType(queue.precision());
            description = "cuBLAS " + LibraryVersions.triple(version) + " (ffm, "
                    + queue.precision().name().toLowerCase(Locale.ROOT) + ")";
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
        Cublas.multiply(
                handle,
                transposeB ? 1 : 0,
                transposeA ? 1 : 0,
                n,
                m,
                k,
                one,
                b,
                Math.max(transposeB ? k : n, 1),
                strideB,
                a,
                Math.max(transposeA ? m : k, 1),
                strideA,
                zero,
                c,
                n,
                strideC,
                batch,
                computeType);
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
