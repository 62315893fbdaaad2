#include "gemm.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "driver/fake_api.h"

namespace {
constexpr int ILLEGAL_ADDRESS = 700;

float fromBits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t toBits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// To the nearest number with that many bits less of mantissa, ties to even.
float rounded(float value, int dropped) {
    if (!std::isfinite(value)) {
        return value;
    }
    uint32_t bits = toBits(value);
    uint32_t half = (1u << (dropped - 1)) - 1 + (bits >> dropped & 1);
    return fromBits((bits + half) & ~((1u << dropped) - 1));
}

constexpr int DROPPED_BY_BF16 = 16;
constexpr int DROPPED_BY_TF32 = 13;

float factor(float value, ComputeType compute) {
    switch (compute) {
        case COMPUTE_32F_FAST_TF32: return rounded(value, DROPPED_BY_TF32);
        case COMPUTE_32F_FAST_16BF: return rounded(value, DROPPED_BY_BF16);
        default: return value;
    }
}

float load(const void* data, DataType type, int64_t index) {
    if (type == R_32F) {
        return static_cast<const float*>(data)[index];
    }
    return fromBits(uint32_t{static_cast<const uint16_t*>(data)[index]} << 16);
}

void store(void* data, DataType type, int64_t index, float value) {
    if (type == R_32F) {
        static_cast<float*>(data)[index] = value;
    } else {
        static_cast<uint16_t*>(data)[index] = static_cast<uint16_t>(toBits(rounded(value, DROPPED_BY_BF16)) >> 16);
    }
}

uint64_t bytesOf(const Matrix& matrix, int64_t rows, int64_t columns, int64_t batch) {
    int64_t elements = rows + (columns - 1) * matrix.leading + (batch - 1) * matrix.stride;
    return static_cast<uint64_t>(elements) * (matrix.type == R_32F ? sizeof(float) : sizeof(uint16_t));
}

bool operandsAreOnDevice(const Gemm& p, float beta) {
    bool factors = p.k == 0
            || (fakeCudaIsDevice(p.a.data,
                        bytesOf(p.a, p.transposeA ? p.k : p.m, p.transposeA ? p.m : p.k, p.batch))
                    && fakeCudaIsDevice(p.b.data,
                            bytesOf(p.b, p.transposeB ? p.n : p.k, p.transposeB ? p.k : p.n, p.batch)));
    return factors && fakeCudaIsDevice(p.d.data, bytesOf(p.d, p.m, p.n, p.batch))
            && (beta == 0 || fakeCudaIsDevice(p.c.data, bytesOf(p.c, p.m, p.n, p.batch)))
            && (p.bias == nullptr || fakeCudaIsDevice(p.bias, static_cast<uint64_t>(p.m) * sizeof(float)))
            && (p.workspaceBytes == 0 || fakeCudaIsDevice(p.workspace, p.workspaceBytes));
}

float finished(const Gemm& p, float value, int64_t row) {
    bool biased = p.epilogue == Epilogue::BIAS || p.epilogue == Epilogue::RELU_BIAS;
    bool rectified = p.epilogue == Epilogue::RELU || p.epilogue == Epilogue::RELU_BIAS;
    float sum = biased ? value + p.bias[row] : value;
    return rectified && sum < 0 ? 0 : sum;
}

// op(A) with all m elements of one k behind each other.
void packA(const Gemm& p, int64_t batch, std::vector<double>& packed) {
    int64_t start = batch * p.a.stride;
    for (int64_t l = 0; l < p.k; l++) {
        for (int64_t i = 0; i < p.m; i++) {
            int64_t index = p.transposeA ? l + i * p.a.leading : i + l * p.a.leading;
            packed[static_cast<size_t>(l * p.m + i)] = factor(load(p.a.data, p.a.type, start + index), p.compute);
        }
    }
}

void multiply(const Gemm& p, int64_t batch, float alpha, float beta, bool up, std::vector<double>& packed) {
    packA(p, batch, packed);
    std::vector<double> sums(static_cast<size_t>(p.m));
    for (int64_t j = 0; j < p.n; j++) {
        std::fill(sums.begin(), sums.end(), 0);
        for (int64_t l = 0; l < p.k; l++) {
            int64_t index = p.transposeB ? j + l * p.b.leading : l + j * p.b.leading;
            double b = factor(load(p.b.data, p.b.type, batch * p.b.stride + index), p.compute);
            const double* a = packed.data() + l * p.m;
            for (int64_t i = 0; i < p.m; i++) {
                sums[static_cast<size_t>(i)] += a[i] * b;
            }
        }
        for (int64_t i = 0; i < p.m; i++) {
            float value = alpha * static_cast<float>(sums[static_cast<size_t>(i)]);
            value = up ? std::nextafter(value, INFINITY) : value;
            // Where beta is zero, C is not read.
            if (beta != 0) {
                value += beta * load(p.c.data, p.c.type, batch * p.c.stride + j * p.c.leading + i);
            }
            store(const_cast<void*>(p.d.data), p.d.type, batch * p.d.stride + j * p.d.leading + i,
                    finished(p, value, i));
        }
    }
}

bool typeIsKnown(DataType type) { return type == R_32F || type == R_16BF; }
}  // namespace

bool isKnown(const Gemm& p) {
    bool types = typeIsKnown(p.a.type) && p.a.type == p.b.type && typeIsKnown(p.c.type) && p.c.type == p.d.type
            && (p.a.type == p.c.type || p.c.type == R_32F);
    switch (p.compute) {
        case COMPUTE_32F:
        case COMPUTE_32F_PEDANTIC: return types;
        case COMPUTE_32F_FAST_16BF:
        case COMPUTE_32F_FAST_TF32: return types && p.a.type == R_32F;
    }
    return false;
}

bool leadingDimensionsFit(const Gemm& p) {
    return p.a.leading >= std::max<int64_t>(1, p.transposeA ? p.k : p.m)
            && p.b.leading >= std::max<int64_t>(1, p.transposeB ? p.n : p.k)
            && p.c.leading >= std::max<int64_t>(1, p.m) && p.d.leading >= std::max<int64_t>(1, p.m);
}

int runGemm(const void* argument) {
    const Gemm& p = *static_cast<const Gemm*>(argument);
    float alpha = p.alphaPointer == nullptr ? p.alpha : *p.alphaPointer;
    float beta = p.betaPointer == nullptr ? p.beta : *p.betaPointer;
    if (!operandsAreOnDevice(p, beta)) {
        return ILLEGAL_ADDRESS;
    }
    static unsigned unordered = 0;
    bool up = p.unordered && unordered++ % 2 == 1;
    std::vector<double> packed(static_cast<size_t>(p.m * p.k));
    for (int64_t batch = 0; batch < p.batch; batch++) {
        multiply(p, batch, alpha, beta, up, packed);
    }
    return 0;
}
