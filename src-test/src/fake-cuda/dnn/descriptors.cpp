// Handles and descriptors of the fake cuDNN.
#include <atomic>
#include <mutex>
#include <set>

#include "cudnn_types.h"
#include "driver/fake_api.h"

namespace {
std::mutex& mutex = *new std::mutex;
std::set<Handle*>& handles = *new std::set<Handle*>;

// Descriptors that were made and not destroyed.
std::atomic<int> liveObjects{0};

constexpr int64_t VERSION = FAKE_MAJOR >= 9 ? 90501 : 8907;

template <class T>
Status create(T** created) {
    if (created == nullptr) {
        return BAD_PARAM;
    }
    *created = new T{};
    liveObjects++;
    return SUCCESS;
}

template <class T>
Status destroy(T* object) {
    liveObjects -= object != nullptr;
    delete object;
    return SUCCESS;
}

Status setDense(Tensor* tensor, DataType type, Format format, int n, int c, int h, int w) {
    if (tensor == nullptr || n <= 0 || c <= 0 || h <= 0 || w <= 0) {
        return BAD_PARAM;
    }
    if ((type != FLOAT && type != BFLOAT16) || (format != NCHW && format != NHWC)) {
        return NOT_SUPPORTED;
    }
    *tensor = format == NHWC ? Tensor{type, n, c, h, w, h * w * c, 1, w * c, c}
                             : Tensor{type, n, c, h, w, c * h * w, h * w, w, 1};
    return SUCCESS;
}
}  // namespace

bool isHandle(Handle* handle) {
    std::lock_guard<std::mutex> lock(mutex);
    return handles.count(handle) > 0;
}

bool outputSize(const Convolution& convolution, const Tensor& x, const Tensor& w, int size[4]) {
    int reachH = (w.h - 1) * convolution.dilationH + 1;
    int reachW = (w.w - 1) * convolution.dilationW + 1;
    int spanH = x.h + 2 * convolution.paddingH - reachH;
    int spanW = x.w + 2 * convolution.paddingW - reachW;
    if (spanH < 0 || spanW < 0 || x.c != w.c * convolution.groups || w.n % convolution.groups != 0) {
        return false;
    }
    size[0] = x.n;
    size[1] = w.n;
    size[2] = spanH / convolution.strideH + 1;
    size[3] = spanW / convolution.strideW + 1;
    return true;
}

EXPORTED int cudnnFakeLiveObjects() { return liveObjects; }

EXPORTED size_t cudnnGetVersion() { return static_cast<size_t>(fakeCudaFault("cudnn-version", VERSION)); }

EXPORTED size_t cudnnGetCudartVersion() { return FAKE_MAJOR >= 9 ? 12060 : 11080; }

EXPORTED const char* cudnnGetErrorString(Status status) {
    switch (status) {
        case SUCCESS: return "CUDNN_STATUS_SUCCESS";
        case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
        case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
        case INTERNAL_ERROR: return "CUDNN_STATUS_INTERNAL_ERROR";
        case EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
        case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
    }
    return "CUDNN_UNKNOWN_STATUS";
}

EXPORTED Status cudnnCreate(Handle** handle) {
    if (handle == nullptr) {
        return BAD_PARAM;
    }
    if (fakeCudaReady() != 0) {
        return NOT_INITIALIZED;
    }
    std::lock_guard<std::mutex> lock(mutex);
    *handle = new Handle{nullptr};
    handles.insert(*handle);
    return SUCCESS;
}

EXPORTED Status cudnnDestroy(Handle* handle) {
    std::lock_guard<std::mutex> lock(mutex);
    if (handles.erase(handle) == 0) {
        return BAD_PARAM;
    }
    delete handle;
    return SUCCESS;
}

EXPORTED Status cudnnSetStream(Handle* handle, void* stream) {
    if (!isHandle(handle)) {
        return BAD_PARAM;
    }
    handle->stream = stream;
    return SUCCESS;
}

EXPORTED Status cudnnGetStream(Handle* handle, void** stream) {
    if (!isHandle(handle)) {
        return BAD_PARAM;
    }
    *stream = handle->stream;
    return SUCCESS;
}

EXPORTED Status cudnnCreateTensorDescriptor(Tensor** tensor) { return create(tensor); }
EXPORTED Status cudnnDestroyTensorDescriptor(Tensor* tensor) { return destroy(tensor); }

EXPORTED Status cudnnSetTensor4dDescriptor(Tensor* tensor, Format format, DataType type, int n, int c, int h, int w) {
    return setDense(tensor, type, format, n, c, h, w);
}

EXPORTED Status cudnnSetTensor4dDescriptorEx(Tensor* tensor, DataType type, int n, int c, int h, int w, int strideN,
        int strideC, int strideH, int strideW) {
    Status status = setDense(tensor, type, NCHW, n, c, h, w);
    if (status == SUCCESS) {
        *tensor = {type, n, c, h, w, strideN, strideC, strideH, strideW};
    }
    return status;
}

EXPORTED Status cudnnCreateFilterDescriptor(Tensor** filter) { return create(filter); }
EXPORTED Status cudnnDestroyFilterDescriptor(Tensor* filter) { return destroy(filter); }

EXPORTED Status cudnnSetFilter4dDescriptor(Tensor* filter, DataType type, Format format, int k, int c, int h, int w) {
    return setDense(filter, type, format, k, c, h, w);
}

EXPORTED Status cudnnCreateConvolutionDescriptor(Convolution** convolution) { return create(convolution); }
EXPORTED Status cudnnDestroyConvolutionDescriptor(Convolution* convolution) { return destroy(convolution); }

EXPORTED Status cudnnSetConvolution2dDescriptor(Convolution* convolution, int paddingH, int paddingW, int strideH,
        int strideW, int dilationH, int dilationW, Mode mode, DataType computeType) {
    if (convolution == nullptr || paddingH < 0 || paddingW < 0 || strideH <= 0 || strideW <= 0 || dilationH <= 0
            || dilationW <= 0) {
        return BAD_PARAM;
    }
    if (mode != CROSS_CORRELATION || computeType != FLOAT) {
        return NOT_SUPPORTED;
    }
    *convolution = {paddingH, paddingW, strideH, strideW, dilationH, dilationW, mode, 1, MATH_DEFAULT};
    return SUCCESS;
}

EXPORTED Status cudnnSetConvolutionGroupCount(Convolution* convolution, int groups) {
    if (convolution == nullptr || groups <= 0) {
        return BAD_PARAM;
    }
    convolution->groups = groups;
    return SUCCESS;
}

EXPORTED Status cudnnSetConvolutionMathType(Convolution* convolution, MathType math) {
    if (convolution == nullptr || math < MATH_DEFAULT || math > MATH_FMA) {
        return BAD_PARAM;
    }
    convolution->math = math;
    return SUCCESS;
}

EXPORTED Status cudnnGetConvolution2dForwardOutputDim(
        const Convolution* convolution, const Tensor* x, const Tensor* w, int* n, int* c, int* h, int* width) {
    int size[4];
    if (convolution == nullptr || x == nullptr || w == nullptr || !outputSize(*convolution, *x, *w, size)) {
        return BAD_PARAM;
    }
    *n = size[0], *c = size[1], *h = size[2], *width = size[3];
    return SUCCESS;
}

EXPORTED Status cudnnCreateActivationDescriptor(Activation** activation) { return create(activation); }
EXPORTED Status cudnnDestroyActivationDescriptor(Activation* activation) { return destroy(activation); }

EXPORTED Status cudnnSetActivationDescriptor(
        Activation* activation, ActivationMode mode, int nanOption, double bound) {
    if (activation == nullptr) {
        return BAD_PARAM;
    }
    *activation = {mode, nanOption, bound};
    return mode == ACTIVATION_RELU || mode == ACTIVATION_IDENTITY ? SUCCESS : NOT_SUPPORTED;
}
