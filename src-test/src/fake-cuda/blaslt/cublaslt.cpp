// The fake cuBLASLt: descriptors with attributes, one heuristic, and the product. FAKE_MAJOR is 12 or 13.
#include <cstring>

#include "blas/product.h"
#include "blas/status.h"
#include "driver/fake_api.h"

namespace {
constexpr int VERSION_STEP = 10000;
constexpr int ALGORITHM = 21;
constexpr size_t WORKSPACE_BYTES = 1 << 16;
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

struct Preference {
    uint64_t workspaceBytes;
};

struct Algorithm {
    uint64_t data[8];
};

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
    return SUCCESS;
}

template <class T>
Status destroy(T* object) {
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

// A product of row-major matrices is the product of their transposes the other way round; the fake knows columns only.
Status productOf(const Description* description, const Layout* a, const Layout* b, const Layout* c, const Layout* d,
        Product& p) {
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
}  // namespace

EXPORTED size_t cublasLtGetVersion() {
    return static_cast<size_t>(fakeCudaFault("cublas-version", FAKE_MAJOR * VERSION_STEP + 100));
}

EXPORTED Status cublasLtCreate(int** handle) {
    return fakeCudaReady() == 0 ? create(handle, FAKE_MAJOR) : NOT_INITIALIZED;
}

EXPORTED Status cublasLtDestroy(int* handle) { return destroy(handle); }

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
        default: return NOT_SUPPORTED;
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
        case 5: return take(layout->batch, value, bytes);
        case 6: return take(layout->stride, value, bytes);
        default: return NOT_SUPPORTED;
    }
}

EXPORTED Status cublasLtMatmulPreferenceCreate(Preference** created) { return create(created, Preference{0}); }

EXPORTED Status cublasLtMatmulPreferenceDestroy(Preference* preference) { return destroy(preference); }

EXPORTED Status cublasLtMatmulPreferenceSetAttribute(
        Preference* preference, int attribute, const void* value, size_t bytes) {
    constexpr int MAX_WORKSPACE_BYTES = 1;
    return attribute == MAX_WORKSPACE_BYTES ? take(preference->workspaceBytes, value, bytes) : SUCCESS;
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
    Product p;
    Status status = productOf(description, a, b, c, d, p);
    if (status != SUCCESS) {
        return status;
    }
    // The first choice uses a workspace, the second none.
    size_t choices[] = {WORKSPACE_BYTES, 0};
    for (size_t bytes : choices) {
        if (bytes <= preference->workspaceBytes && *returned < requested) {
            results[(*returned)++] = {{{ALGORITHM, bytes, 0, 0, 0, 0, 0, 0}}, bytes, SUCCESS, 1, {0, 0, 0, 0}};
        }
    }
    return SUCCESS;
}

EXPORTED Status cublasLtMatmul(int* handle, const Description* description, const void* alpha, const void* a,
        const Layout* layoutA, const void* b, const Layout* layoutB, const void* beta, const void* c,
        const Layout* layoutC, void* d, const Layout* layoutD, const Algorithm* algorithm, void* workspace,
        size_t workspaceBytes, void* stream) {
    if (handle == nullptr) {
        return NOT_INITIALIZED;
    }
    Product p;
    Status status = productOf(description, layoutA, layoutB, layoutC, layoutD, p);
    if (status != SUCCESS) {
        return status;
    }
    bool known = algorithm == nullptr || algorithm->data[0] == ALGORITHM;
    if (!known || (algorithm != nullptr && algorithm->data[1] > workspaceBytes)) {
        return INVALID_VALUE;
    }
    p.a.data = a;
    p.b.data = b;
    p.c.data = c;
    p.d.data = d;
    p.workspace = workspace;
    p.workspaceBytes = workspaceBytes;
    if (description->pointerMode == 0) {
        p.alpha = *static_cast<const float*>(alpha);
        p.beta = *static_cast<const float*>(beta);
    } else {
        p.alphaPointer = static_cast<const float*>(alpha);
        p.betaPointer = static_cast<const float*>(beta);
    }
    return fakeCudaEnqueue(stream, "cublasLtMatmul", runProduct, &p, sizeof p) == 0 ? SUCCESS : EXECUTION_FAILED;
}
