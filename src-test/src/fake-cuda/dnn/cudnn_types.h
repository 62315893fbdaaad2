// What handles and descriptors of the fake cuDNN point to. FAKE_MAJOR is 8 or 9.
#pragma once
#include <cstddef>
#include <cstdint>

#define EXPORTED extern "C" __attribute__((visibility("default")))

// The numbers changed with version 9.
enum Status : int {
    SUCCESS = 0,
#if FAKE_MAJOR >= 9
    NOT_INITIALIZED = 1001,
    BAD_PARAM = 2000,
    NOT_SUPPORTED = 3000,
    INTERNAL_ERROR = 4000,
    EXECUTION_FAILED = 5000,
#else
    NOT_INITIALIZED = 1,
    BAD_PARAM = 3,
    INTERNAL_ERROR = 4,
    EXECUTION_FAILED = 8,
    NOT_SUPPORTED = 9,
#endif
};

enum Format : int { NCHW = 0, NHWC = 1 };
enum DataType : int { FLOAT = 0, BFLOAT16 = 9 };
enum Mode : int { CONVOLUTION = 0, CROSS_CORRELATION = 1 };
enum MathType : int { MATH_DEFAULT = 0, MATH_TENSOR_OP = 1, MATH_ALLOW_CONVERSION = 2, MATH_FMA = 3 };
enum ActivationMode : int { ACTIVATION_RELU = 1, ACTIVATION_IDENTITY = 5 };

struct Handle {
    void* stream;
};

// A tensor, or a filter with n = output channels; strides in elements.
struct Tensor {
    DataType type;
    int n, c, h, w;
    int strideN, strideC, strideH, strideW;

    size_t elementBytes() const { return type == BFLOAT16 ? 2 : 4; }
    size_t elements() const { return size_t(n) * size_t(c) * size_t(h) * size_t(w); }
    size_t extent() const {
        return size_t(n - 1) * size_t(strideN) + size_t(c - 1) * size_t(strideC) + size_t(h - 1) * size_t(strideH)
                + size_t(w - 1) * size_t(strideW) + 1;
    }
};

struct Convolution {
    int paddingH, paddingW, strideH, strideW, dilationH, dilationW;
    Mode mode;
    int groups;
    MathType math;
};

struct Activation {
    ActivationMode mode;
    int nanOption;
    // The upper bound of ReLU, as documented.
    double bound;
};

// Which of the three convolutions; the array that is written is y, x (its gradient) or w (its gradient).
enum class Direction : int { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };

bool isHandle(Handle* handle);
// The output that belongs to an input and a filter; false if they do not fit.
bool outputSize(const Convolution& convolution, const Tensor& x, const Tensor& w, int size[4]);
