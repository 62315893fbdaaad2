package io.stamp.kernels.jcuda;

import static io.stamp.kernels.jcuda.JCudaPointers.at;
import static io.stamp.kernels.jcuda.JCudaPointers.device;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.blas.CublasCalls;
import io.stamp.kernels.device.JCudaNatives;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 through JCublas2. A product costs a few objects and a microsecond more than through FFM. */
public final class JCublasCalls implements CublasCalls {
    private static final String NATIVE_CLASS = "jcuda.jcublas.JCublas2";
    private static final int FLOAT32 = 0;
    private static final int DEFAULT_ALGORITHM = -1;

    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});

    /** @throws StampException if JCublas2 does not load; libcublas.so.12 has to be open */
    public JCublasCalls() {
        JCudaNatives.load(NATIVE_CLASS, JCublasCalls.class.getClassLoader());
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

    private static cublasHandle handle(long address) {
        return at(new cublasHandle(), address);
    }

    @Override
    public String way() {
        return "jcublas";
    }

    @Override
    public long create() {
        cublasHandle handle = new cublasHandle();
        check(JCublas2.cublasCreate(handle), "cublasCreate_v2");
        return JCudaPointers.of(handle);
    }

    @Override
    public void destroy(long handle) {
        check(JCublas2.cublasDestroy(handle(handle)), "cublasDestroy_v2", handle);
    }

    @Override
    public int version(long handle) {
        int[] version = new int[1];
        check(JCublas2.cublasGetVersion(handle(handle), version), "cublasGetVersion_v2", handle);
        return version[0];
    }

    @Override
    public void setStream(long handle, long stream) {
        int status = JCublas2.cublasSetStream(handle(handle), at(new cudaStream_t(), stream));
        check(status, "cublasSetStream_v2", handle, stream);
    }

    @Override
    public void setWorkspace(long handle, long address, long bytes) {
        int status = JCublas2.cublasSetWorkspace(handle(handle), device(address), bytes);
        check(status, "cublasSetWorkspace_v2", handle, address, bytes);
    }

    @Override
    public void multiply(
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
            int computeType) {
        int status = JCublas2.cublasGemmStridedBatchedEx_new(
                handle(handle),
                transposeA,
                transposeB,
                m,
                n,
                k,
                one,
                device(a),
                FLOAT32,
                leadingA,
                strideA,
                device(b),
                FLOAT32,
                leadingB,
                strideB,
                zero,
                device(c),
                FLOAT32,
                leadingC,
                strideC,
                batch,
                computeType,
                DEFAULT_ALGORITHM);
        check(
                status,
                "cublasGemmStridedBatchedEx",
                "m=" + m,
                "n=" + n,
                "k=" + k,
                "batch=" + batch,
                a,
                leadingA,
                b,
                leadingB,
                c,
                leadingC,
                "computeType=" + computeType);
    }
}
