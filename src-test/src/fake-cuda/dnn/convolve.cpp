#include "convolve.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "driver/fake_api.h"

namespace {
constexpr int ILLEGAL_ADDRESS = 700;
constexpr int GARBAGE = 0x7f;

// To TF32: ten bits of mantissa, ties to even. What cuDNN may do unless it is told to use plain FMA.
float rounded(float value, MathType math) {
    if (math == MATH_FMA || !std::isfinite(value)) {
        return value;
    }
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffu;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float load(DataType type, const void* data, size_t at) {
    if (type == FLOAT) {
        return static_cast<const float*>(data)[at];
    }
    uint32_t bits = uint32_t{static_cast<const uint16_t*>(data)[at]} << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Rounds to bfloat16 with ties to even.
void store(DataType type, void* data, size_t at, float value) {
    if (type == FLOAT) {
        static_cast<float*>(data)[at] = value;
        return;
    }
    constexpr uint16_t QUIET_NAN = 0x7fc0;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    static_cast<uint16_t*>(data)[at] = std::isnan(value) ? QUIET_NAN : static_cast<uint16_t>(nearest);
}

size_t strided(const Tensor& t, int n, int c, int h, int w) {
    return size_t(n) * size_t(t.strideN) + size_t(c) * size_t(t.strideC) + size_t(h) * size_t(t.strideH)
            + size_t(w) * size_t(t.strideW);
}

template <class Visit>
void visit(const Tensor& t, Visit visit) {
    size_t dense = 0;
    for (int n = 0; n < t.n; n++) {
        for (int h = 0; h < t.h; h++) {
            for (int w = 0; w < t.w; w++) {
                for (int c = 0; c < t.c; c++) {
                    visit(strided(t, n, c, h, w), dense++, c);
                }
            }
        }
    }
}

// As an array [n, h, w, c].
std::vector<double> dense(const Tensor& t, const void* data, MathType math) {
    std::vector<double> values(t.elements());
    visit(t, [&](size_t from, size_t to, int) { values[to] = rounded(load(t.type, data, from), math); });
    return values;
}

// Calls the visitor with offsets into dense x, w and y of the first channel, for each pixel, filter position and group.
template <class Visit>
void visitPositions(const ConvolveCall& call, Visit visit) {
    const Convolution& conv = call.convolution;
    int groupOutputs = call.w.n / conv.groups;
    size_t filterStep = size_t(call.w.h) * size_t(call.w.w) * size_t(call.w.c);
    for (int n = 0; n < call.y.n; n++) {
        for (int oh = 0; oh < call.y.h; oh++) {
            for (int ow = 0; ow < call.y.w; ow++) {
                for (int r = 0; r < call.w.h; r++) {
                    for (int s = 0; s < call.w.w; s++) {
                        int ih = oh * conv.strideH - conv.paddingH + r * conv.dilationH;
                        int iw = ow * conv.strideW - conv.paddingW + s * conv.dilationW;
                        if (ih < 0 || ih >= call.x.h || iw < 0 || iw >= call.x.w) {
                            continue;
                        }
                        size_t x = ((size_t(n) * call.x.h + ih) * call.x.w + iw) * call.x.c;
                        size_t y = ((size_t(n) * call.y.h + oh) * call.y.w + ow) * call.y.c;
                        size_t w = (size_t(r) * call.w.w + s) * call.w.c;
                        for (int g = 0; g < conv.groups; g++) {
                            visit(x + size_t(g) * call.w.c, w + size_t(g) * groupOutputs * filterStep,
                                    y + size_t(g) * groupOutputs);
                        }
                    }
                }
            }
        }
    }
}

std::vector<double> convolved(const ConvolveCall& call) {
    MathType math = call.convolution.math;
    int inputs = call.w.c;
    int outputs = call.w.n / call.convolution.groups;
    size_t filterStep = size_t(call.w.h) * size_t(call.w.w) * size_t(call.w.c);
    std::vector<double> x, w, y;
    switch (call.direction) {
        case Direction::FORWARD:
            x = dense(call.x, call.xData, math);
            w = dense(call.w, call.wData, math);
            y.resize(call.y.elements());
            visitPositions(call, [&](size_t xAt, size_t wAt, size_t yAt) {
                for (int k = 0; k < outputs; k++) {
                    double sum = 0;
                    for (int c = 0; c < inputs; c++) {
                        sum += x[xAt + size_t(c)] * w[wAt + size_t(k) * filterStep + size_t(c)];
                    }
                    y[yAt + size_t(k)] += sum;
                }
            });
            return y;
        case Direction::BACKWARD_DATA:
            y = dense(call.y, call.yData, math);
            w = dense(call.w, call.wData, math);
            x.resize(call.x.elements());
            visitPositions(call, [&](size_t xAt, size_t wAt, size_t yAt) {
                for (int k = 0; k < outputs; k++) {
                    for (int c = 0; c < inputs; c++) {
                        x[xAt + size_t(c)] += y[yAt + size_t(k)] * w[wAt + size_t(k) * filterStep + size_t(c)];
                    }
                }
            });
            return x;
        case Direction::BACKWARD_FILTER:
            x = dense(call.x, call.xData, math);
            y = dense(call.y, call.yData, math);
            w.resize(call.w.elements());
            visitPositions(call, [&](size_t xAt, size_t wAt, size_t yAt) {
                for (int k = 0; k < outputs; k++) {
                    for (int c = 0; c < inputs; c++) {
                        w[wAt + size_t(k) * filterStep + size_t(c)] += y[yAt + size_t(k)] * x[xAt + size_t(c)];
                    }
                }
            });
            return w;
    }
    return {};
}

bool onDevice(const Tensor& tensor, const void* data) {
    return fakeCudaIsDevice(data, tensor.extent() * tensor.elementBytes());
}

// What a forward call with bias does to each sum.
float activated(const ConvolveCall& call, float value, float z, int channel) {
    float bias = load(call.y.type, call.bias, size_t(channel));
    float sum = value + bias + (call.alphaZ == 0 ? 0 : call.alphaZ * z);
    if (call.activation.mode != ACTIVATION_RELU) {
        return sum;
    }
    // NaN becomes 0, as a maximum does it on a device.
    return sum > 0 ? static_cast<float>(std::min(double{sum}, call.activation.bound)) : 0;
}
}  // namespace

int runConvolve(const void* argument) {
    const ConvolveCall& call = *static_cast<const ConvolveCall*>(argument);
    bool legal = onDevice(call.x, call.xData) && onDevice(call.w, call.wData) && onDevice(call.y, call.yData)
            && (call.workspaceBytes == 0 || fakeCudaIsDevice(call.workspace, call.workspaceBytes))
            && (call.bias == nullptr || fakeCudaIsDevice(call.bias, size_t(call.y.c) * call.y.elementBytes()))
            && (call.bias == nullptr || call.alphaZ == 0 || onDevice(call.zTensor, call.z));
    if (!legal) {
        return ILLEGAL_ADDRESS;
    }
    std::vector<double> result = convolved(call);
    if (call.workspaceBytes > 0) {
        memset(call.workspace, GARBAGE, call.workspaceBytes);
    }
    const Tensor& target = call.direction == Direction::FORWARD ? call.y
            : call.direction == Direction::BACKWARD_DATA        ? call.x
                                                                : call.w;
    void* data = const_cast<void*>(call.direction == Direction::FORWARD ? call.yData
                    : call.direction == Direction::BACKWARD_DATA         ? call.xData
                                                                         : call.wData);
    static unsigned calls = 0;
    bool up = call.perturbed && calls++ % 2 == 1;
    visit(target, [&](size_t to, size_t from, int channel) {
        auto value = call.alpha * static_cast<float>(result[from]);
        value = up ? std::nextafter(value, INFINITY) : value;
        value = call.beta == 0 ? value : value + call.beta * load(target.type, data, to);
        // z has the strides of y, which is checked before the call.
        float z = call.bias == nullptr || call.alphaZ == 0 ? 0 : load(target.type, call.z, to);
        store(target.type, data, to, call.bias == nullptr ? value : activated(call, value, z, channel));
    });
    return 0;
}
