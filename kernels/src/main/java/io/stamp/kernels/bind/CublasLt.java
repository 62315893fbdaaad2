package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/** cuBLASLt 12 and 13; matrices are column-major here. All handles and descriptors are addresses in the library's memory. */
public final class CublasLt {
    /** Bytes of a {@code cublasLtMatmulAlgo_t}. */
    public static final long ALGORITHM_BYTES = 64;

    /** Of {@code cudaDataType_t}. */
    public static final int FLOAT32 = 0;

    /** Of {@code cudaDataType_t}. */
    public static final int BFLOAT16 = 14;

    private static final int NOT_SUPPORTED = 15;

    private static final int DESCRIPTION_TRANSPOSE_A = 3;
    private static final int DESCRIPTION_TRANSPOSE_B = 4;
    private static final int LAYOUT_BATCH = 5;
    private static final int LAYOUT_STRIDE = 6;
    private static final int PREFERENCE_WORKSPACE_BYTES = 1;
    private static final int PREFERENCE_REDUCTIONS = 3;
    /** Of the first of four matrices; the others follow. */
    private static final int PREFERENCE_ALIGNMENT = 5;

    private static final int MATRICES = 4;

    /** A {@code cublasLtMatmulHeuristicResult_t}: an algorithm, the bytes of its workspace, a status, and numbers of no use here. */
    private static final long CHOICE_BYTES = 96;

    private static final long CHOICE_STATUS = 72;

    private static final MethodHandle STATUS_STRING = Libraries.handle(
            CudaLibrary.CUBLAS_LT, "cublasLtGetStatusString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final NativeFunction CREATE = function("cublasLtCreate", ADDRESS);
    private static final NativeFunction DESTROY = function("cublasLtDestroy", JAVA_LONG);
    private static final NativeFunction CREATE_DESCRIPTION =
            function("cublasLtMatmulDescCreate", ADDRESS, JAVA_INT, JAVA_INT);
    private static final NativeFunction DESTROY_DESCRIPTION = function("cublasLtMatmulDescDestroy", JAVA_LONG);
    private static final NativeFunction SET_DESCRIPTION = setter("cublasLtMatmulDescSetAttribute");
    private static final NativeFunction CREATE_LAYOUT =
            function("cublasLtMatrixLayoutCreate", ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final NativeFunction DESTROY_LAYOUT = function("cublasLtMatrixLayoutDestroy", JAVA_LONG);
    private static final NativeFunction SET_LAYOUT = setter("cublasLtMatrixLayoutSetAttribute");
    private static final NativeFunction CREATE_PREFERENCE = function("cublasLtMatmulPreferenceCreate", ADDRESS);
    private static final NativeFunction DESTROY_PREFERENCE = function("cublasLtMatmulPreferenceDestroy", JAVA_LONG);
    private static final NativeFunction SET_PREFERENCE = setter("cublasLtMatmulPreferenceSetAttribute");
    private static final NativeFunction CHOOSE = function(
            "cublasLtMatmulAlgoGetHeuristic",
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            ADDRESS,
            ADDRESS);
    private static final NativeFunction MULTIPLY =
            function("cublasLtMatmul", Collections.nCopies(16, JAVA_LONG).toArray(MemoryLayout[]::new));

    private CublasLt() {}

    private static NativeFunction function(String name, MemoryLayout... parameters) {
        return Libraries.function(
                CudaLibrary.CUBLAS_LT, name, CublasLt::statusText, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** Sets an attribute of an object: (object, attribute, value, bytes of the value). */
    private static NativeFunction setter(String name) {
        return function(name, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
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

    /**
     * Describes a GEMM whose sums are float32.
     *
     * @param computeType a {@code cublasComputeType_t}
     */
    public static long createDescription(int computeType, boolean transposeA, boolean transposeB) {
        return Creation.of(
                CREATE_DESCRIPTION.result(computeType, FLOAT32),
                description -> {
                    set(SET_DESCRIPTION, description, DESCRIPTION_TRANSPOSE_A, transposeA ? 1 : 0);
                    set(SET_DESCRIPTION, description, DESCRIPTION_TRANSPOSE_B, transposeB ? 1 : 0);
                },
                CublasLt::destroyDescription);
    }

    public static void destroyDescription(long description) {
        DESTROY_DESCRIPTION.call(description);
    }

    /**
     * Describes a batch of matrices.
     *
     * @param type of the elements, {@link #FLOAT32} or {@link #BFLOAT16}
     * @param leading elements from one column to the next
     * @param stride elements from one matrix to the next
     */
    public static long createLayout(int type, long rows, long columns, long leading, int batch, long stride) {
        return Creation.of(
                CREATE_LAYOUT.result(type, rows, columns, leading),
                layout -> {
                    set(SET_LAYOUT, layout, LAYOUT_BATCH, batch);
                    set(SET_LAYOUT, layout, LAYOUT_STRIDE, stride);
                },
                CublasLt::destroyLayout);
    }

    public static void destroyLayout(long layout) {
        DESTROY_LAYOUT.call(layout);
    }

    /**
     * Says which algorithms are wanted.
     *
     * @param workspaceBytes the most that they may use
     * @param reductions mask of the {@code cublasLtReductionScheme_t} that they may use
     * @param alignment what the addresses of all matrices are multiples of
     */
    public static long createPreference(long workspaceBytes, int reductions, int alignment) {
        return Creation.of(
                CREATE_PREFERENCE.result(),
                preference -> {
                    set(SET_PREFERENCE, preference, PREFERENCE_WORKSPACE_BYTES, workspaceBytes);
                    set(SET_PREFERENCE, preference, PREFERENCE_REDUCTIONS, reductions);
                    for (int matrix = 0; matrix < MATRICES; matrix++) {
                        set(SET_PREFERENCE, preference, PREFERENCE_ALIGNMENT + matrix, alignment);
                    }
                },
                CublasLt::destroyPreference);
    }

    public static void destroyPreference(long preference) {
        DESTROY_PREFERENCE.call(preference);
    }

    private static void set(NativeFunction setter, long object, int attribute, int value) {
        try (Arena arena = Arena.ofConfined()) {
            setter.call(object, attribute, arena.allocateFrom(JAVA_INT, value), (long) Integer.BYTES);
        }
    }

    private static void set(NativeFunction setter, long object, int attribute, long value) {
        try (Arena arena = Arena.ofConfined()) {
            setter.call(object, attribute, arena.allocateFrom(JAVA_LONG, value), (long) Long.BYTES);
        }
    }

    /**
     * Copies the algorithm to {@code target} that the library thinks fastest for a GEMM among those that are wanted.
     *
     * @param target {@link #ALGORITHM_BYTES} on the host
     */
    public static void choose(
            long handle,
            long description,
            long layoutA,
            long layoutB,
            long layoutC,
            long preference,
            MemorySegment target) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment choice = arena.allocate(CHOICE_BYTES, Long.BYTES);
            MemorySegment count = arena.allocate(JAVA_INT);
            CHOOSE.call(handle, description, layoutA, layoutB, layoutC, layoutC, preference, 1, choice, count);
            int status = count.get(JAVA_INT, 0) == 0 ? NOT_SUPPORTED : choice.get(JAVA_INT, CHOICE_STATUS);
            if (status != 0) {
                throw CHOOSE.failure(status, handle, description, layoutA, layoutB, layoutC, preference);
            }
            MemorySegment.copy(choice, 0, target, 0, ALGORITHM_BYTES);
        }
    }

    /**
     * {@code C[i] = alpha op(A[i]) op(B[i]) + beta C[i]}; returns the status, for the caller knows the GEMM.
     *
     * @param alpha address on the host of a float
     * @param beta address on the host of a float
     * @param algorithm address on the host of the algorithm
     * @param workspace address on the device, a multiple of 256
     */
    public static int multiply(
            long handle,
            long description,
            long alpha,
            long a,
            long layoutA,
            long b,
            long layoutB,
            long beta,
            long c,
            long layoutC,
            long algorithm,
            long workspace,
            long workspaceBytes,
            long stream) {
        try {
            return (int) MULTIPLY.handle()
                    .invokeExact(
                            handle,
                            description,
                            alpha,
                            a,
                            layoutA,
                            b,
                            layoutB,
                            beta,
                            c,
                            layoutC,
                            c,
                            layoutC,
                            algorithm,
                            workspace,
                            workspaceBytes,
                            stream);
        } catch (Throwable t) {
            throw NativeFunction.unexpected(t);
        }
    }

    /** The exception for a status of {@link #multiply}, in terms of the GEMM. */
    public static CudaException failure(int status, Object gemm, long a, long b, long c) {
        return MULTIPLY.failure(status, gemm, a, b, c);
    }
}
