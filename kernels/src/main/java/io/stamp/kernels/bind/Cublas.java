package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** cuBLAS 12 and 13; matrices are column-major here. */
public final class Cublas {
    private static final int FLOAT32 = 0;
    private static final int DEFAULT_ALGORITHM = -1;

    private static final MethodHandle STATUS_STRING =
            Libraries.handle(CudaLibrary.CUBLAS, "cublasGetStatusString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final NativeFunction CREATE = function("cublasCreate_v2", ADDRESS);
    private static final NativeFunction DESTROY = function("cublasDestroy_v2", JAVA_LONG);
    private static final NativeFunction GET_VERSION = function("cublasGetVersion_v2", JAVA_LONG, ADDRESS);
    private static final NativeFunction SET_STREAM = function("cublasSetStream_v2", JAVA_LONG, JAVA_LONG);
    private static final NativeFunction SET_WORKSPACE =
            function("cublasSetWorkspace_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final NativeFunction MULTIPLY = function(
            "cublasGemmStridedBatchedEx",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT);

    private Cublas() {}

    private static NativeFunction function(String name, MemoryLayout... parameters) {
        return Libraries.function(
                CudaLibrary.CUBLAS, name, Cublas::statusText, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static String statusText(int status) {
        try {
            return "status " + status + ", " + NativeText.of((MemorySegment) STATUS_STRING.invokeExact(status));
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    /** A handle for the calling thread's context. */
    public static long create() {
        return CREATE.result();
    }

    public static void destroy(long handle) {
        DESTROY.call(handle);
    }

    /** The version as 10000 times the major number, 100 times the minor one, and the patch. */
    public static int version(long handle) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = arena.allocate(JAVA_INT);
            GET_VERSION.call(handle, version);
            return version.get(JAVA_INT, 0);
        }
    }

    public static void setStream(long handle, long stream) {
        SET_STREAM.call(handle, stream);
    }

    /** The device memory that the handle's products may use; with memory of its own no product depends on others' streams. */
    public static void setWorkspace(long handle, long address, long bytes) {
        SET_WORKSPACE.call(handle, address, bytes);
    }

    /**
     * {@code C[i] = alpha op(A[i]) op(B[i]) + beta C[i]}, float32 and column-major; the transpositions are 0 or 1, leading dimensions and
     * strides count elements.
     *
     * @param alpha address on the host of a float
     * @param beta address on the host of a float
     * @param computeType a {@code cublasComputeType_t}
     */
    public static void multiply(
            long handle,
            int transposeA,
            int transposeB,
            int m,
            int n,
            int k,
            long alpha,
            long a,
            int leadingA,
            long strideA,
            long b,
            int leadingB,
            long strideB,
            long beta,
            long c,
            int leadingC,
            long strideC,
            int batch,
            int computeType) {
        int status;
        try {
            status = (int) MULTIPLY.handle()
                    .invokeExact(
                            handle,
                            transposeA,
                            transposeB,
                            m,
                            n,
                            k,
                            alpha,
                            a,
                            FLOAT32,
                            leadingA,
                            strideA,
                            b,
                            FLOAT32,
                            leadingB,
                            strideB,
                            beta,
                            c,
                            FLOAT32,
                            leadingC,
                            strideC,
                            batch,
                            computeType,
                            DEFAULT_ALGORITHM);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
        if (status != 0) {
            throw MULTIPLY.failure(
                    status,
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
}
