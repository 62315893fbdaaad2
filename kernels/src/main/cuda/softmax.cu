// x - ln sum exp(x) along the last axis: a warp for each row, which stays in the first-level cache for its three
// passes.
#include "common.cuh"

extern "C" __global__ void log_softmax(const float* __restrict__ x, float* __restrict__ y, unsigned rows, int length) {
    const int lane = threadIdx.x % WARP;
    const unsigned warps = gridDim.x * (blockDim.x / WARP);
    for (unsigned row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP; row < rows; row += warps) {
        const float* from = x + static_cast<size_t>(row) * length;
        float* to = y + static_cast<size_t>(row) * length;
        float largest = from[0];
        for (int i = lane; i < length; i += WARP) largest = Maximum{}(largest, from[i]);
        largest = combine_warp(largest, Maximum{});
        float sum = 0;
        for (int i = lane; i < length; i += WARP) sum += expf(from[i] - largest);
        const float logarithm = logf(combine_warp(sum, Sum{}));
        for (int i = lane; i < length; i += WARP) to[i] = from[i] - largest - logarithm;
    }
}
