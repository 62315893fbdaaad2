// The fake cuBLAS 12: handles and GEMMs.
#include <mutex>
#include <set>

#include "blas/gemm.h"
#include "blas/status.h"
#include "driver/fake_api.h"

namespace {
enum Operation : int { OPERATION_N = 0, OPERATION_T = 1, OPERATION_C = 2 };
enum PointerMode : int { ON_HOST = 0, ON_DEVICE = 1 };
enum MathMode : int { MATH_DEFAULT = 0, MATH_PEDANTIC = 2, MATH_TF32 = 3 };
constexpr int WORKSPACE_ALIGNMENT = 256;
constexpr int VERSION = 120100;

struct Handle {
    void* stream = nullptr;
    PointerMode pointerMode = ON_HOST;
    MathMode mathMode = MATH_DEFAULT;
    void* workspace = nullptr;
    size_t workspaceBytes = 0;
};

std::mutex& mutex = *new std::mutex;
std::set<Handle*>& handles = *new std::set<Handle*>;

bool isHandle(Handle* handle) {
    std::lock_guard<std::mutex> lock(mutex);
    return handles.count(handle) > 0;
}

Matrix matrix(const void* data, int type, int leading, long long stride) {
    return {data, static_cast<DataType>(type), leading, stride};
}

// Checks and queues a GEMM whose operands, sizes and types are filled in.
Status multiply(Handle* handle, int transposeA, int transposeB, Gemm p, const void* alpha, const void* beta) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    bool operations = transposeA >= OPERATION_N && transposeA <= OPERATION_C && transposeB >= OPERATION_N
            && transposeB <= OPERATION_C;
    p.transposeA = transposeA != OPERATION_N;
    p.transposeB = transposeB != OPERATION_N;
    if (!operations || p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0 || alpha == nullptr || beta == nullptr
            || !leadingDimensionsFit(p)) {
        return INVALID_VALUE;
    }
    if (!isKnown(p)) {
        return NOT_SUPPORTED;
    }
    if (p.m == 0 || p.n == 0 || p.batch == 0) {
        return SUCCESS;
    }
    p.epilogue = Epilogue::DEFAULT;
    p.workspace = handle->workspace;
    p.workspaceBytes = handle->workspaceBytes;
    if (handle->pointerMode == ON_HOST) {
        p.alpha = *static_cast<const float*>(alpha);
        p.beta = *static_cast<const float*>(beta);
    } else {
        p.alphaPointer = static_cast<const float*>(alpha);
        p.betaPointer = static_cast<const float*>(beta);
    }
    return fakeCudaEnqueue(handle->stream, "cublasGemm", runGemm, &p, sizeof p) == 0 ? SUCCESS : EXECUTION_FAILED;
}

// The math mode is what GEMMs without a compute type of their own use.
ComputeType computeOf(Handle* handle) {
    bool tf32 = isHandle(handle) && handle->mathMode == MATH_TF32;
    return tf32 ? COMPUTE_32F_FAST_TF32 : COMPUTE_32F;
}
}  // namespace

EXPORTED Status cublasCreate_v2(Handle** handle) {
    if (handle == nullptr) {
        return INVALID_VALUE;
    }
    if (fakeCudaReady() != 0) {
        return NOT_INITIALIZED;
    }
    std::lock_guard<std::mutex> lock(mutex);
    *handle = new Handle;
    handles.insert(*handle);
    return SUCCESS;
}

EXPORTED Status cublasDestroy_v2(Handle* handle) {
    std::lock_guard<std::mutex> lock(mutex);
    if (handles.erase(handle) == 0) {
        return NOT_INITIALIZED;
    }
    delete handle;
    return SUCCESS;
}

EXPORTED Status cublasSetStream_v2(Handle* handle, void* stream) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    handle->stream = stream;
    // As documented: back to the library's own workspace.
    handle->workspace = nullptr;
    handle->workspaceBytes = 0;
    return SUCCESS;
}

EXPORTED Status cublasGetStream_v2(Handle* handle, void** stream) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    *stream = handle->stream;
    return SUCCESS;
}

EXPORTED Status cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t bytes) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    if (reinterpret_cast<uintptr_t>(workspace) % WORKSPACE_ALIGNMENT != 0) {
        return INVALID_VALUE;
    }
    handle->workspace = workspace;
    handle->workspaceBytes = bytes;
    return SUCCESS;
}

EXPORTED Status cublasSetMathMode(Handle* handle, int mode) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    if (mode != MATH_DEFAULT && mode != MATH_PEDANTIC && mode != MATH_TF32) {
        return INVALID_VALUE;
    }
    handle->mathMode = static_cast<MathMode>(mode);
    return SUCCESS;
}

EXPORTED Status cublasSetPointerMode_v2(Handle* handle, int mode) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    if (mode != ON_HOST && mode != ON_DEVICE) {
        return INVALID_VALUE;
    }
    handle->pointerMode = static_cast<PointerMode>(mode);
    return SUCCESS;
}

EXPORTED Status cublasGetPointerMode_v2(Handle* handle, int* mode) {
    if (!isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    *mode = handle->pointerMode;
    return SUCCESS;
}

EXPORTED Status cublasGetVersion_v2(Handle* handle, int* version) {
    // The real one takes a null handle as well.
    if (handle != nullptr && !isHandle(handle)) {
        return NOT_INITIALIZED;
    }
    *version = static_cast<int>(fakeCudaFault("cublas-version", VERSION));
    return SUCCESS;
}

EXPORTED const char* cublasGetStatusString(Status status) {
    switch (status) {
        case SUCCESS: return "the operation completed successfully";
        case NOT_INITIALIZED: return "the library was not initialized";
        case ALLOC_FAILED: return "the resource allocation failed";
        case INVALID_VALUE: return "an unsupported value or parameter was passed to the function";
        case EXECUTION_FAILED: return "the function failed to launch on the GPU";
        case NOT_SUPPORTED: return "the functionality requested is not supported";
    }
    return "unknown status";
}

EXPORTED const char* cublasGetStatusName(Status status) {
    switch (status) {
        case SUCCESS: return "CUBLAS_STATUS_SUCCESS";
        case NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
        case INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
        case EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    }
    return "unknown status";
}

EXPORTED Status cublasSgemmStridedBatched(Handle* handle, int transposeA, int transposeB, int m, int n, int k,
        const float* alpha, const float* a, int leadingA, long long strideA, const float* b, int leadingB,
        long long strideB, const float* beta, float* c, int leadingC, long long strideC, int batch) {
    Gemm p{};
    p.m = m, p.n = n, p.k = k, p.batch = batch;
    p.a = matrix(a, R_32F, leadingA, strideA);
    p.b = matrix(b, R_32F, leadingB, strideB);
    p.c = p.d = matrix(c, R_32F, leadingC, strideC);
    p.compute = computeOf(handle);
    return multiply(handle, transposeA, transposeB, p, alpha, beta);
}

EXPORTED Status cublasSgemm_v2(Handle* handle, int transposeA, int transposeB, int m, int n, int k, const float* alpha,
        const float* a, int leadingA, const float* b, int leadingB, const float* beta, float* c, int leadingC) {
    return cublasSgemmStridedBatched(handle, transposeA, transposeB, m, n, k, alpha, a, leadingA, 0, b, leadingB, 0,
            beta, c, leadingC, 0, 1);
}

EXPORTED Status cublasGemmStridedBatchedEx(Handle* handle, int transposeA, int transposeB, int m, int n, int k,
        const void* alpha, const void* a, int typeA, int leadingA, long long strideA, const void* b, int typeB,
        int leadingB, long long strideB, const void* beta, void* c, int typeC, int leadingC, long long strideC,
        int batch, int compute, int) {
    Gemm p{};
    p.m = m, p.n = n, p.k = k, p.batch = batch;
    p.a = matrix(a, typeA, leadingA, strideA);
    p.b = matrix(b, typeB, leadingB, strideB);
    p.c = p.d = matrix(c, typeC, leadingC, strideC);
    p.compute = static_cast<ComputeType>(compute);
    return multiply(handle, transposeA, transposeB, p, alpha, beta);
}
