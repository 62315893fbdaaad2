package io.stamp.kernels.jcuda;

import static io.stamp.kernels.jcuda.JCudaPointers.at;
import static io.stamp.kernels.jcuda.JCudaPointers.device;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.blas.ColumnMajorGemm;
import io.stamp.kernels.blas.CublasCalls;
import io.stamp.kernels.device.JCudaNatives;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 through JCublas2. A GEMM costs a few objects and a microsecond more than through FFM. */
public final class JCublasCalls implements CublasCalls {
    private static final String NATIVE_CLASS = "jcuda.jcublas.JCublas2";
    private static final int FLOAT32 = 0;
    private static final int DEFAULT_ALGORITHM = -1;

    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});

    private final cublasHandle handle = new cublasHandle();
    private final int computeType;

    /**
     * Opens a handle in the current context; libcublas.so.12 has to be open.
     *
     * @throws StampException if JCublas2 does not load
     */
    public JCublasCalls(Settings settings) {
        JCudaNatives.load(NATIVE_CLASS, JCublasCalls.class.getClassLoader());
        computeType = settings.computeType();
        check(JCublas2.cublasCreate(handle), "cublasCreate_v2");
        try {
            check(
                    JCublas2.cublasSetStream(handle, at(new cudaStream_t(), settings.stream())),
                    "cublasSetStream_v2",
                    settings.stream());
            check(
                    JCublas2.cublasSetWorkspace(handle, device(settings.workspace()), settings.workspaceBytes()),
                    "cublasSetWorkspace_v2",
                    settings);
        } catch (CudaException failure) {
            JCublas2.cublasDestroy(handle);
            throw failure;
        }
    }

    private static void check(int status, String call, Object... arguments) {
        if (status != 0) {
            List<String> shown = new ArrayList<>();
            for (Object argument : arguments) {
                shown.add(String.valueOf(argument));
            }
            String sentence = call + "(" + String.join(", ", shown) + ") failed: status " + status + ", "
                    + cublasStatus.stringFor(status);
            throw new CudaException(call, status, sentence);
        }
    }

    @Override
    public String binding() {
        return "jcublas";
    }

    @Override
    public int version() {
        int[] version = new int[1];
        check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion_v2");
        return version[0];
    }

    @Override
    public void multiply(ColumnMajorGemm p, long a, long b, long c) {
        int status = JCublas2.cublasGemmStridedBatchedEx_new(
                handle,
                p.transposeA() ? 1 : 0,
                p.transposeB() ? 1 : 0,
                p.m(),
                p.n(),
                p.k(),
                one,
                device(a),
                FLOAT32,
                p.leadingA(),
                p.strideA(),
                device(b),
                FLOAT32,
                p.leadingB(),
                p.strideB(),
                zero,
                device(c),
                FLOAT32,
                p.leadingC(),
                p.strideC(),
                p.batch(),
                computeType,
                DEFAULT_ALGORITHM);
        check(status, "cublasGemmStridedBatchedEx", p, a, b, c);
    }

    @Override
    public void close() {
        check(JCublas2.cublasDestroy(handle), "cublasDestroy_v2");
    }
}
