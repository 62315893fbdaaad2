// cuDNN's convolution calls: which algorithms there are, what workspace they need, and running them.
#include <algorithm>
#include <cstring>
#include <vector>

#include "convolve.h"
#include "driver/fake_api.h"

namespace {
// cudnnConvolutionFwdAlgoPerf_t and its two brothers.
struct Performance {
    int algorithm;
    Status status;
    float time;
    size_t memory;
    int deterministic;
    MathType math;
    int reserved[3];
};

struct Algorithm {
    int id;
    bool deterministic;
    bool works;
};

// Ordered by the speed that the heuristic claims. As on a device, the fast gradients are those that add in any order.
std::vector<Algorithm> algorithms(Direction direction, const Tensor& x, const Tensor& w, const Convolution& conv) {
    bool planes = x.strideC != 1 || x.c == 1;
    bool winograd = planes && w.h == 3 && w.w == 3 && conv.strideH == 1 && conv.strideW == 1 && conv.groups == 1
            && conv.dilationH == 1 && conv.dilationW == 1;
    switch (direction) {
        case Direction::FORWARD:
            return {{1, true, true}, {0, true, true}, {6, true, winograd}, {2, true, planes}, {7, true, false},
                    {5, true, false}, {4, true, false}, {3, true, false}};
        case Direction::BACKWARD_DATA:
            return {{0, false, true}, {1, true, true}, {4, true, winograd}, {5, true, false}, {3, true, false},
                    {2, true, false}};
        case Direction::BACKWARD_FILTER:
            return {{0, false, true}, {3, false, planes}, {1, true, true}, {5, true, winograd}, {6, true, false},
                    {2, true, false}};
    }
    return {};
}

// Only the first forward algorithm and the first of the gradients work without.
size_t workspaceOf(int algorithm, const Tensor& w, const Tensor& y) {
    constexpr size_t ALIGNMENT = 256;
    size_t bytes = algorithm == 0 ? 0 : w.elements() * sizeof(float) + size_t(y.h) * size_t(y.w) * sizeof(int) * 3;
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

struct Geometry {
    Direction direction;
    const Tensor *x, *w, *y;
    const Convolution* convolution;
};

Status check(Handle* handle, const Geometry& g) {
    if (!isHandle(handle) || g.x == nullptr || g.w == nullptr || g.y == nullptr || g.convolution == nullptr) {
        return BAD_PARAM;
    }
    int size[4];
    bool fits = outputSize(*g.convolution, *g.x, *g.w, size) && size[0] == g.y->n && size[1] == g.y->c
            && size[2] == g.y->h && size[3] == g.y->w && g.x->type == g.w->type && g.x->type == g.y->type;
    return fits ? SUCCESS : BAD_PARAM;
}

// An algorithm that works for the geometry, or null.
const Algorithm* choose(const std::vector<Algorithm>& all, int id) {
    auto found = std::find_if(all.begin(), all.end(), [=](const Algorithm& a) { return a.id == id && a.works; });
    return found == all.end() ? nullptr : &*found;
}

Status workspaceSize(Handle* handle, const Geometry& g, int algorithm, size_t* bytes) {
    Status status = check(handle, g);
    if (status != SUCCESS || bytes == nullptr) {
        return BAD_PARAM;
    }
    *bytes = workspaceOf(algorithm, *g.w, *g.y);
    return choose(algorithms(g.direction, *g.x, *g.w, *g.convolution), algorithm) != nullptr ? SUCCESS : NOT_SUPPORTED;
}

// Those that work first, in order, then those that do not, as the real functions report them; where tensor cores are
// allowed, the fastest once more without them.
Status report(Handle* handle, const Geometry& g, int requested, int* returned, Performance* results, size_t largest) {
    Status status = check(handle, g);
    if (status != SUCCESS || requested <= 0 || returned == nullptr || results == nullptr) {
        return BAD_PARAM;
    }
    *returned = 0;
    if (g.x->type == BFLOAT16 && fakeCudaFault("no-bfloat16", 0) != 0) {
        return NOT_SUPPORTED;
    }
    auto all = algorithms(g.direction, *g.x, *g.w, *g.convolution);
    auto firstIdle =
            std::stable_partition(all.begin(), all.end(), [](const Algorithm& a) { return a.works; });
    auto add = [&](const Algorithm& a, MathType math) {
        size_t memory = workspaceOf(a.id, *g.w, *g.y);
        if (*returned < requested && memory <= largest) {
            float time = a.works ? 0.01f * static_cast<float>(*returned + 1) : -1;
            results[(*returned)++] = {a.id, a.works ? SUCCESS : NOT_SUPPORTED, time, a.works ? memory : 0,
                    a.deterministic, math, {0, 0, 0}};
        }
    };
    MathType math = g.convolution->math;
    std::for_each(all.begin(), firstIdle, [&](const Algorithm& a) { add(a, math); });
    if (math != MATH_FMA) {
        add(all.front(), MATH_FMA);
    }
    std::for_each(firstIdle, all.end(), [&](const Algorithm& a) { add(a, math); });
    return SUCCESS;
}

struct Operands {
    const void *x, *w, *y;
};

// Whatever is written while algorithms are tried is garbage afterwards.
int spoil(const void* argument) {
    constexpr int ILLEGAL_ADDRESS = 700;
    const ConvolveCall& call = *static_cast<const ConvolveCall*>(argument);
    bool forward = call.direction == Direction::FORWARD;
    bool data = call.direction == Direction::BACKWARD_DATA;
    const Tensor& target = forward ? call.y : data ? call.x : call.w;
    const void* address = forward ? call.yData : data ? call.xData : call.wData;
    constexpr int BYTE_OF_NAN = 0xff;
    if (!fakeCudaIsDevice(address, target.extent() * target.elementBytes())) {
        return ILLEGAL_ADDRESS;
    }
    memset(const_cast<void*>(address), BYTE_OF_NAN, target.extent() * target.elementBytes());
    return 0;
}

ConvolveCall callOf(const Geometry& g, const Operands& operands) {
    ConvolveCall call{};
    call.direction = g.direction;
    call.convolution = *g.convolution;
    call.x = *g.x;
    call.w = *g.w;
    call.y = *g.y;
    call.xData = operands.x;
    call.wData = operands.w;
    call.yData = operands.y;
    return call;
}

Status find(Handle* handle, const Geometry& g, const Operands& operands, int requested, int* returned,
        Performance* results, size_t workspaceBytes) {
    Status status = report(handle, g, requested, returned, results, workspaceBytes);
    if (status == SUCCESS) {
        ConvolveCall call = callOf(g, operands);
        bool queued = fakeCudaEnqueue(handle->stream, "cudnnFind", spoil, &call, sizeof call) == 0;
        status = queued ? SUCCESS : EXECUTION_FAILED;
    }
    return status;
}

Status run(Handle* handle, const Geometry& g, ConvolveCall call, const void* alpha, const void* beta, int algorithm) {
    Status status = check(handle, g);
    if (status != SUCCESS || alpha == nullptr || beta == nullptr) {
        return BAD_PARAM;
    }
    auto all = algorithms(g.direction, *g.x, *g.w, *g.convolution);
    const Algorithm* chosen = choose(all, algorithm);
    if (chosen == nullptr) {
        return NOT_SUPPORTED;
    }
    size_t needed = workspaceOf(algorithm, *g.w, *g.y);
    if (call.workspaceBytes < needed || (needed > 0 && call.workspace == nullptr)) {
        return BAD_PARAM;
    }
    call.alpha = *static_cast<const float*>(alpha);
    call.beta = *static_cast<const float*>(beta);
    call.perturbed = !chosen->deterministic;
    return fakeCudaEnqueue(handle->stream, "cudnnConvolution", runConvolve, &call, sizeof call) == 0
            ? SUCCESS
            : EXECUTION_FAILED;
}

Status runPlain(Handle* handle, const Geometry& g, const Operands& operands, const void* alpha, const void* beta,
        int algorithm, void* workspace, size_t workspaceBytes) {
    if (g.x == nullptr || g.w == nullptr || g.y == nullptr || g.convolution == nullptr) {
        return BAD_PARAM;
    }
    ConvolveCall call = callOf(g, operands);
    call.workspace = workspace;
    call.workspaceBytes = workspaceBytes;
    return run(handle, g, call, alpha, beta, algorithm);
}
}  // namespace

// The three directions differ in the order of their parameters: two that are read, the convolution, the one written.
#define CONVOLUTION_CALLS(NAME, DIRECTION, COUNT, FIRST, SECOND, RESULT)                                               \
    EXPORTED Status cudnnGetConvolution##NAME##AlgorithmMaxCount(Handle* handle, int* count) {                        \
        *count = COUNT;                                                                                                \
        return isHandle(handle) ? SUCCESS : BAD_PARAM;                                                                 \
    }                                                                                                                  \
    EXPORTED Status cudnnGetConvolution##NAME##WorkspaceSize(Handle* handle, const Tensor* FIRST,                     \
            const Tensor* SECOND, const Convolution* convolution, const Tensor* RESULT, int algorithm,                 \
            size_t* bytes) {                                                                                           \
        return workspaceSize(handle, {DIRECTION, x, w, y, convolution}, algorithm, bytes);                            \
    }                                                                                                                  \
    EXPORTED Status cudnnGetConvolution##NAME##Algorithm_v7(Handle* handle, const Tensor* FIRST,                      \
            const Tensor* SECOND, const Convolution* convolution, const Tensor* RESULT, int requested, int* returned,  \
            Performance* results) {                                                                                    \
        return report(handle, {DIRECTION, x, w, y, convolution}, requested, returned, results, SIZE_MAX);             \
    }                                                                                                                  \
    EXPORTED Status cudnnFindConvolution##NAME##AlgorithmEx(Handle* handle, const Tensor* FIRST,                      \
            const void* FIRST##Data, const Tensor* SECOND, const void* SECOND##Data, const Convolution* convolution,   \
            const Tensor* RESULT, void* RESULT##Data, int requested, int* returned, Performance* results, void*,       \
            size_t workspaceBytes) {                                                                                   \
        return find(handle, {DIRECTION, x, w, y, convolution}, {xData, wData, yData}, requested, returned, results,   \
                workspaceBytes);                                                                                       \
    }                                                                                                                  \
    EXPORTED Status cudnnConvolution##NAME(Handle* handle, const void* alpha, const Tensor* FIRST,                    \
            const void* FIRST##Data, const Tensor* SECOND, const void* SECOND##Data, const Convolution* convolution,   \
            int algorithm, void* workspace, size_t workspaceBytes, const void* beta, const Tensor* RESULT,             \
            void* RESULT##Data) {                                                                                      \
        return runPlain(handle, {DIRECTION, x, w, y, convolution}, {xData, wData, yData}, alpha, beta, algorithm,     \
                workspace, workspaceBytes);                                                                            \
    }

CONVOLUTION_CALLS(Forward, Direction::FORWARD, 9, x, w, y)
CONVOLUTION_CALLS(BackwardData, Direction::BACKWARD_DATA, 7, w, y, x)
CONVOLUTION_CALLS(BackwardFilter, Direction::BACKWARD_FILTER, 8, x, y, w)

EXPORTED Status cudnnConvolutionBiasActivationForward(Handle* handle, const void* alpha, const Tensor* x,
        const void* xData, const Tensor* w, const void* wData, const Convolution* convolution, int algorithm,
        void* workspace, size_t workspaceBytes, const void* alphaZ, const Tensor* z, const void* zData,
        const Tensor* bias, const void* biasData, const Activation* activation, const Tensor* y, void* yData) {
    constexpr float ZERO = 0;
    Geometry g{Direction::FORWARD, x, w, y, convolution};
    Status status = check(handle, g);
    bool described = status == SUCCESS && z != nullptr && bias != nullptr && activation != nullptr
            && biasData != nullptr && alphaZ != nullptr && bias->c == y->c && bias->elements() == size_t(y->c)
            && bias->type == y->type && z->type == y->type;
    if (!described) {
        return BAD_PARAM;
    }
    bool sameLayout = z->strideN == y->strideN && z->strideC == y->strideC && z->strideH == y->strideH
            && z->strideW == y->strideW && z->elements() == y->elements();
    // Documented limits: the identity with one algorithm only, and no promise that NaN stays NaN.
    constexpr int PRECOMPUTED = 1;
    constexpr int NOT_PROPAGATE_NAN = 0;
    bool modes = activation->mode == ACTIVATION_RELU
            || (activation->mode == ACTIVATION_IDENTITY && algorithm == PRECOMPUTED);
    if (!sameLayout || !modes || activation->nanOption != NOT_PROPAGATE_NAN) {
        return NOT_SUPPORTED;
    }
    ConvolveCall call = callOf(g, {xData, wData, yData});
    call.workspace = workspace;
    call.workspaceBytes = workspaceBytes;
    call.bias = biasData;
    call.z = zData;
    call.zTensor = *z;
    call.alphaZ = *static_cast<const float*>(alphaZ);
    call.activation = *activation;
    return run(handle, g, call, alpha, &ZERO, algorithm);
}
