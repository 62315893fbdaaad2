// The fake cuBLASLt: descriptors with attributes, a few algorithms, and the GEMM. FAKE_MAJOR is 12 or 13.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "blas/gemm.h"
#include "blas/status.h"
#include "driver/fake_api.h"

namespace {
constexpr int VERSION_STEP = 10000;
constexpr size_t WORKSPACE_BYTES = 1 << 16;
constexpr uint64_t WORKSPACE_ALIGNMENT = 256;
constexpr int OPERATION_N = 0;
constexpr int ROW_ORDER = 1;

// What cublasLtMatmulDesc_t, cublasLtMatrixLayout_t and cublasLtMatmulPreference_t point to.
struct Description {
    int32_t compute, scaleType, pointerMode, transposeA, transposeB, epilogue;
    const float* bias;
};

struct Layout {
    int32_t type, order;
    uint64_t rows, columns;
    int64_t leading;
    int32_t batch;
    int64_t stride;
};

// How the parts of a sum that were computed side by side come together; a mask of these says which are allowed.
enum Reduction : uint32_t { ONE_PART = 0, IN_PLACE = 1, IN_COMPUTE_TYPE = 2, ALL_REDUCTIONS = 7 };

struct Preference {
    uint64_t workspaceBytes = 0;
    uint32_t reductions = ALL_REDUCTIONS;
    // What the addresses of A, B, C and D are multiples of.
    uint32_t alignments[4] = {256, 256, 256, 256};
};

// What a cublasLtMatmulAlgo_t holds.
struct Algorithm {
    uint64_t magic;
    uint64_t workspaceBytes;
    uint64_t alignment;
    uint64_t reduction;
    // Of the GEMM that it was chosen for.
    uint64_t fingerprint;
    uint64_t unused[3];
};

constexpr uint64_t MAGIC = 0x6c745f616c676fu;

// The ones that there are, in the order of the heuristic; the fast ones want packs of four numbers.
constexpr Algorithm ALGORITHMS[] = {
        {MAGIC, WORKSPACE_BYTES, 16, IN_PLACE, 0, {}},
        {MAGIC, WORKSPACE_BYTES, 16, IN_COMPUTE_TYPE, 0, {}},
        {MAGIC, 0, 16, ONE_PART, 0, {}},
        {MAGIC, 0, 4, ONE_PART, 0, {}},
};

// Handles and descriptors that were made and not destroyed.
std::atomic<int> liveObjects{0};

struct Heuristic {
    Algorithm algorithm;
    size_t workspaceBytes;
    Status state;
    float waves;
    int reserved[4];
};

template <class T>
Status create(T** created, const T& value) {
    if (created == nullptr) {
        return INVALID_VALUE;
    }
    *created = new T(value);
    liveObjects++;
    return SUCCESS;
}

template <class T>
Status destroy(T* object) {
    liveObjects -= object != nullptr;
    delete object;
    return SUCCESS;
}

// Takes an attribute's value if its size is right.
template <class T>
Status take(T& target, const void* value, size_t bytes) {
    if (value == nullptr || bytes != sizeof target) {
        return INVALID_VALUE;
    }
    memcpy(&target, value, bytes);
    return SUCCESS;
}

Matrix matrixOf(const void* data, const Layout& layout) {
    return {data, static_cast<DataType>(layout.type), layout.leading, layout.stride};
}

// A GEMM of row-major matrices is that of their transposes the other way round; the fake knows columns only.
Status gemmOf(const Description* description, const Layout* a, const Layout* b, const Layout* c, const Layout* d,
        Gemm& p) {
    if (description == nullptr || a == nullptr || b == nullptr || c == nullptr || d == nullptr) {
        return INVALID_VALUE;
    }
    if (a->order == ROW_ORDER || b->order == ROW_ORDER || c->order == ROW_ORDER || d->order == ROW_ORDER) {
        return NOT_SUPPORTED;
    }
    p = {};
    p.transposeA = description->transposeA != OPERATION_N;
    p.transposeB = description->transposeB != OPERATION_N;
    p.m = static_cast<int64_t>(d->rows);
    p.n = static_cast<int64_t>(d->columns);
    p.k = static_cast<int64_t>(p.transposeA ? a->rows : a->columns);
    p.batch = d->batch;
    p.a = matrixOf(nullptr, *a);
    p.b = matrixOf(nullptr, *b);
    p.c = matrixOf(nullptr, *c);
    p.d = matrixOf(nullptr, *d);
    p.compute = static_cast<ComputeType>(description->compute);
    p.epilogue = static_cast<Epilogue>(description->epilogue);
    p.bias = description->bias;
    bool sizes = static_cast<int64_t>(p.transposeA ? a->columns : a->rows) == p.m
            && static_cast<int64_t>(p.transposeB ? b->rows : b->columns) == p.n
            && static_cast<int64_t>(p.transposeB ? b->columns : b->rows) == p.k && c->rows == d->rows
            && c->columns == d->columns && a->batch == d->batch && b->batch == d->batch && c->batch == d->batch;
    if (!sizes || !leadingDimensionsFit(p)) {
        return INVALID_VALUE;
    }
    bool epilogue = p.epilogue == Epilogue::DEFAULT || p.epilogue == Epilogue::RELU
            || ((p.epilogue == Epilogue::BIAS || p.epilogue == Epilogue::RELU_BIAS) && p.bias != nullptr);
    return isKnown(p) && description->scaleType == R_32F && epilogue ? SUCCESS : NOT_SUPPORTED;
}

uint64_t fingerprint(const Gemm& p) {
    const int64_t numbers[] = {p.transposeA, p.transposeB, p.m, p.n, p.k, p.batch, p.a.leading, p.b.leading,
            p.d.leading, p.a.stride, p.b.stride, p.d.stride, p.a.type, p.d.type, p.compute};
    uint64_t hash = 1469598103934665603u;
    for (int64_t number : numbers) {
        hash = (hash ^ static_cast<uint64_t>(number)) * 1099511628211u;
    }
    return hash;
}

bool isAligned(const void* address, uint64_t alignment) {
    return reinterpret_cast<uintptr_t>(address) % alignment == 0;
}

// Whether an algorithm may run this GEMM.
bool fits(const Algorithm& algorithm, const Gemm& p) {
    return algorithm.magic == MAGIC && algorithm.fingerprint == fingerprint(p)
            && algorithm.workspaceBytes <= p.workspaceBytes && isAligned(p.a.data, algorithm.alignment)
            && isAligned(p.b.data, algorithm.alignment) && isAligned(p.c.data, algorithm.alignment)
            && isAligned(p.d.data, algorithm.alignment);
}
}  // namespace

// For tests.
EXPORTED int cublasLtFakeLiveObjects() { return liveObjects; }

EXPORTED const char* cublasLtGetStatusString(Status status) {
    switch (status) {
        case SUCCESS: return "success";
        case NOT_INITIALIZED: return "the library was not initialized";
        case ALLOC_FAILED: return "the resource allocation failed";
        case INVALID_VALUE: return "an unsupported value or parameter was passed to the function";
        case EXECUTION_FAILED: return "the function failed to launch on the GPU";
        case NOT_SUPPORTED: return "the requested functionality is not supported";
    }
    return "unrecognized status";
}

EXPORTED size_t cublasLtGetVersion() {
    return static_cast<size_t>(fakeCudaFault("cublas-version", FAKE_MAJOR * VERSION_STEP + 100));
}

EXPORTED Status cublasLtCreate(int** handle) {
    return fakeCudaReady() == 0 ? create(handle, FAKE_MAJOR) : NOT_INITIALIZED;
}

EXPORTED Status cublasLtDestroy(int* handle) { return handle == nullptr ? INVALID_VALUE : destroy(handle); }

EXPORTED Status cublasLtMatmulDescCreate(Description** created, int compute, int scaleType) {
    return create(created,
            Description{compute, scaleType, 0, OPERATION_N, OPERATION_N, static_cast<int>(Epilogue::DEFAULT), nullptr});
}

EXPORTED Status cublasLtMatmulDescDestroy(Description* description) { return destroy(description); }

EXPORTED Status cublasLtMatmulDescSetAttribute(
        Description* description, int attribute, const void* value, size_t bytes) {
    switch (attribute) {
        case 0: return take(description->compute, value, bytes);
        case 1: return take(description->scaleType, value, bytes);
        case 2: return take(description->pointerMode, value, bytes);
        case 3: return take(description->transposeA, value, bytes);
        case 4: return take(description->transposeB, value, bytes);
        case 7: return take(description->epilogue, value, bytes);
        case 8: return take(description->bias, value, bytes);
        default: return INVALID_VALUE;
    }
}

EXPORTED Status cublasLtMatrixLayoutCreate(
        Layout** created, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    return create(created, Layout{type, 0, rows, columns, leading, 1, 0});
}

EXPORTED Status cublasLtMatrixLayoutDestroy(Layout* layout) { return destroy(layout); }

EXPORTED Status cublasLtMatrixLayoutSetAttribute(Layout* layout, int attribute, const void* value, size_t bytes) {
    switch (attribute) {
        case 0: return take(layout->type, value, bytes);
        case 1: return take(layout->order, value, bytes);
        case 2: return take(layout->rows, value, bytes);
        case 3: return take(layout->columns, value, bytes);
        case 4: return take(layout->leading, value, bytes);
        case 5: {
            Status status = take(layout->batch, value, bytes);
            return status == SUCCESS && layout->batch < 0 ? INVALID_VALUE : status;
        }
        case 6: return take(layout->stride, value, bytes);
        default: return INVALID_VALUE;
    }
}

EXPORTED Status cublasLtMatmulPreferenceCreate(Preference** created) { return create(created, Preference{}); }

EXPORTED Status cublasLtMatmulPreferenceDestroy(Preference* preference) { return destroy(preference); }

EXPORTED Status cublasLtMatmulPreferenceSetAttribute(
        Preference* preference, int attribute, const void* value, size_t bytes) {
    switch (attribute) {
        case 1: return take(preference->workspaceBytes, value, bytes);
        case 3: return take(preference->reductions, value, bytes);
        case 5:
        case 6:
        case 7:
        case 8: return take(preference->alignments[attribute - 5], value, bytes);
        default: return INVALID_VALUE;
    }
}

EXPORTED Status cublasLtMatmulAlgoGetHeuristic(int* handle, const Description* description, const Layout* a,
        const Layout* b, const Layout* c, const Layout* d, const Preference* preference, int requested,
        Heuristic* results, int* returned) {
    if (handle == nullptr) {
        return NOT_INITIALIZED;
    }
    if (requested <= 0 || results == nullptr || returned == nullptr || preference == nullptr) {
        return INVALID_VALUE;
    }
    *returned = 0;
    Gemm p;
    Status status = gemmOf(description, a, b, c, d, p);
    if (status != SUCCESS) {
        return status;
    }
    uint32_t alignment = *std::min_element(preference->alignments, preference->alignments + 4);
    for (Algorithm algorithm : ALGORITHMS) {
        bool allowed = (algorithm.reduction & ~uint64_t{preference->reductions}) == 0;
        if (allowed && algorithm.workspaceBytes <= preference->workspaceBytes && algorithm.alignment <= alignment
                && *returned < requested) {
            algorithm.fingerprint = fingerprint(p);
            results[(*returned)++] = {algorithm, algorithm.workspaceBytes, SUCCESS, 1, {0, 0, 0, 0}};
        }
    }
    return *returned == 0 ? NOT_SUPPORTED : SUCCESS;
}

EXPORTED Status cublasLtMatmul(int* handle, const Description* description, const void* alpha, const void* a,
        const Layout* layoutA, const void* b, const Layout* layoutB, const void* beta, const void* c,
        const Layout* layoutC, void* d, const Layout* layoutD, const Algorithm* algorithm, void* workspace,
        size_t workspaceBytes, void* stream) {
    if (handle == nullptr) {
        return NOT_INITIALIZED;
    }
    Gemm p;
    Status status = gemmOf(description, layoutA, layoutB, layoutC, layoutD, p);
    if (status != SUCCESS) {
        return status;
    }
    p.a.data = a;
    p.b.data = b;
    p.c.data = c;
    p.d.data = d;
    p.workspace = workspace;
    p.workspaceBytes = workspaceBytes;
    if (!isAligned(workspace, WORKSPACE_ALIGNMENT) || (algorithm != nullptr && !fits(*algorithm, p))) {
        return INVALID_VALUE;
    }
    p.unordered = algorithm != nullptr && algorithm->reduction == IN_PLACE;
    if (description->pointerMode == 0) {
        p.alpha = *static_cast<const float*>(alpha);
        p.beta = *static_cast<const float*>(beta);
    } else {
        p.alphaPointer = static_cast<const float*>(alpha);
        p.betaPointer = static_cast<const float*>(beta);
    }
    return fakeCudaEnqueue(stream, "cublasLtMatmul", runGemm, &p, sizeof p) == 0 ? SUCCESS : EXECUTION_FAILED;
}
