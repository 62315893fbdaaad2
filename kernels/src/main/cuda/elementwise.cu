// Ops that map every element by itself. Four elements a step, the rest one by one.
#include "common.cuh"

template <class Function>
__device__ void map_elements(const float* __restrict__ x, float* __restrict__ y, unsigned count, Function function) {
    const unsigned packs = count / 4;
    for (unsigned i = grid_start(); i < packs; i += grid_step()) {
        Pack<4> pack = load<4>(x + 4 * i);
#pragma unroll
        for (int j = 0; j < 4; j++) pack.at[j] = function(pack.at[j]);
        store(y + 4 * i, pack);
    }
    for (unsigned i = 4 * packs + grid_start(); i < count; i += grid_step()) y[i] = function(x[i]);
}

extern "C" __global__ void relu(const float* x, float* y, unsigned count) {
    map_elements(x, y, count, [](float v) { return rectified(v); });
}

extern "C" __global__ void affine(const float* x, float* y, unsigned count, float scale, float shift) {
    map_elements(x, y, count, [=](float v) { return fmaf(v, scale, shift); });
}

extern "C" __global__ void clip(const float* x, float* y, unsigned count, float low, float high) {
    map_elements(x, y, count, [=](float v) { return v < low ? low : high < v ? high : v; });
}

// x^(whole + 1/2 if root), or one over it.
extern "C" __global__ void small_power(const float* x, float* y, unsigned count, int whole, int root, int inverse) {
    map_elements(x, y, count, [=](float v) {
        float power = root ? sqrtf(v) : 1.0f;
        for (int i = 0; i < whole; i++) power *= v;
        return inverse ? 1.0f / power : power;
    });
}

// The following are evaluated in double precision, by the same formulas as the definitions of the ops.

extern "C" __global__ void power(const float* x, float* y, unsigned count, double exponent) {
    map_elements(x, y, count, [=](float v) { return static_cast<float>(pow(static_cast<double>(v), exponent)); });
}

extern "C" __global__ void exponential(const float* x, float* y, unsigned count) {
    map_elements(x, y, count, [](float v) { return static_cast<float>(exp(static_cast<double>(v))); });
}

extern "C" __global__ void logarithm(const float* x, float* y, unsigned count) {
    map_elements(x, y, count, [](float v) { return static_cast<float>(log(static_cast<double>(v))); });
}

extern "C" __global__ void sigmoid(const float* x, float* y, unsigned count) {
    map_elements(x, y, count, [](float v) { return static_cast<float>(1 / (1 + exp(-static_cast<double>(v)))); });
}

extern "C" __global__ void softplus(const float* x, float* y, unsigned count) {
    map_elements(x, y, count, [](float v) {
        const double wide = v;
        return static_cast<float>((wide < 0 ? 0 : wide) + log1p(exp(-fabs(wide))));
    });
}

// ln(1 - e^x) for x < 0: Maechler 2012, "Accurately computing log(1 - exp(-|a|))", equation 7.
extern "C" __global__ void log1m_exp(const float* x, float* y, unsigned count) {
    map_elements(x, y, count, [](float v) {
        const double wide = v;
        return static_cast<float>(wide > -0.6931471805599453 ? log(-expm1(wide)) : log1p(-exp(wide)));
    });
}
