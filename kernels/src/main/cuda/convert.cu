// float32 to bfloat16 and back, for copies that libraries compute on. Four elements a step, the rest one by one.
#include "common.cuh"

// Rounds to nearest, ties to even; NaN stays NaN.
__device__ inline unsigned to_bfloat16_bits(float x) {
    constexpr unsigned QUIET = 0x40u;
    const unsigned bits = __float_as_uint(x);
    return x != x ? bits >> 16 | QUIET : (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
}

extern "C" __global__ void to_bfloat16(const float* __restrict__ x, unsigned short* __restrict__ y, unsigned count) {
    const unsigned packs = count / 4;
    for (unsigned i = grid_start(); i < packs; i += grid_step()) {
        const Pack<4> pack = load<4>(x + 4 * i);
        unsigned bits[4];
#pragma unroll
        for (int j = 0; j < 4; j++) bits[j] = to_bfloat16_bits(pack.at[j]);
        reinterpret_cast<uint2*>(y)[i] = make_uint2(bits[0] | bits[1] << 16, bits[2] | bits[3] << 16);
    }
    for (unsigned i = 4 * packs + grid_start(); i < count; i += grid_step()) {
        y[i] = static_cast<unsigned short>(to_bfloat16_bits(x[i]));
    }
}

extern "C" __global__ void from_bfloat16(const unsigned short* __restrict__ x, float* __restrict__ y, unsigned count) {
    const unsigned packs = count / 4;
    for (unsigned i = grid_start(); i < packs; i += grid_step()) {
        const uint2 bits = reinterpret_cast<const uint2*>(x)[i];
        store<4>(y + 4 * i, {__uint_as_float(bits.x << 16), __uint_as_float(bits.x & 0xFFFF0000u),
                                    __uint_as_float(bits.y << 16), __uint_as_float(bits.y & 0xFFFF0000u)});
    }
    for (unsigned i = 4 * packs + grid_start(); i < count; i += grid_step()) {
        y[i] = __uint_as_float(static_cast<unsigned>(x[i]) << 16);
    }
}
