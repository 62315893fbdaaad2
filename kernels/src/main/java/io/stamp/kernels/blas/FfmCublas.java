package io.stamp.kernels.blas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.stamp.kernels.bind.Cublas;
import java.lang.foreign.Arena;

/** cuBLAS 12 or 13 through FFM. */
public final class FfmCublas implements CublasCalls {
    private static final long ONE = Arena.global().allocateFrom(JAVA_FLOAT, 1).address();
    private static final long ZERO = Arena.global().allocateFrom(JAVA_FLOAT, 0).address();

    @Override
    public String way() {
        return "ffm";
    }

    @Override
    public long create() {
        return Cublas.create();
    }

    @Override
    public void destroy(long handle) {
        Cublas.destroy(handle);
    }

    @Override
    public int version(long handle) {
        return Cublas.version(handle);
    }

    @Override
    public void setStream(long handle, long stream) {
        Cublas.setStream(handle, stream);
    }

    @Override
    public void setWorkspace(long handle, long address, long bytes) {
        Cublas.setWorkspace(handle, address, bytes);
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
        Cublas.multiply(
                handle,
                transposeA,
                transposeB,
                m,
                n,
                k,
                ONE,
                a,
                leadingA,
                strideA,
                b,
                leadingB,
                strideB,
                ZERO,
                c,
                leadingC,
                strideC,
                batch,
                computeType);
    }
}
