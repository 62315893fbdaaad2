// What every kernel file uses. All files compile for the device by nvcc and, for tests, for the host by g++.
#pragma once

// Dynamic shared memory under a name; one array a block, so one such line a kernel.
#ifndef DYNAMIC_SHARED
#define DYNAMIC_SHARED(type, name)                                \
    extern __shared__ __align__(16) unsigned char shared_bytes[]; \
    type* name = reinterpret_cast<type*>(shared_bytes)
#endif

constexpr int BLOCK = 256;
constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xFFFFFFFFu;

// Position and step of a loop over elements by the whole grid. Counts stay below 2^31, so sums of two do not wrap
// around.
__device__ inline unsigned grid_start() {
    return blockIdx.x * blockDim.x + threadIdx.x;
}
__device__ inline unsigned grid_step() {
    return gridDim.x * blockDim.x;
}

// V neighbouring floats: one access of 16 bytes where V is 4, for which the address has to be a multiple of 16 bytes.
template <int V>
struct Pack {
    float at[V];
};

template <int V>
__device__ inline Pack<V> load(const float* from) {
    Pack<V> pack;
    if constexpr (V == 4) {
        const float4 four = *reinterpret_cast<const float4*>(from);
        pack.at[0] = four.x;
        pack.at[1] = four.y;
        pack.at[2] = four.z;
        pack.at[3] = four.w;
    } else {
#pragma unroll
        for (int j = 0; j < V; j++) pack.at[j] = from[j];
    }
    return pack;
}

template <int V>
__device__ inline void store(float* to, const Pack<V>& pack) {
    if constexpr (V == 4) {
        *reinterpret_cast<float4*>(to) = make_float4(pack.at[0], pack.at[1], pack.at[2], pack.at[3]);
    } else {
#pragma unroll
        for (int j = 0; j < V; j++) to[j] = pack.at[j];
    }
}

// NaN stays NaN, so that a broken loss is seen.
__device__ inline float rectified(float x) {
    return x < 0.0f ? 0.0f : x;
}

// The result of a warp's 32 lanes combined, in every lane; the order is fixed.
template <class Combine>
__device__ inline float combine_warp(float value, Combine combine) {
#pragma unroll
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        value = combine(value, __shfl_xor_sync(ALL_LANES, value, distance));
    }
    return value;
}

struct Sum {
    __device__ float operator()(float a, float b) const { return a + b; }
};

struct Maximum {
    __device__ float operator()(float a, float b) const { return a < b ? b : a; }
};

// Adds up `rows` rows of `width` numbers in shared memory into the first row, by halves; for all threads of a block.
template <class Number>
__device__ inline void fold_rows(Number* shared, int rows, int width) {
    __syncthreads();
    while (rows > 1) {
        const int half = (rows + 1) / 2;
        const int count = (rows - half) * width;
        for (int i = threadIdx.x; i < count; i += blockDim.x) shared[i] += shared[i + half * width];
        rows = half;
        __syncthreads();
    }
}
