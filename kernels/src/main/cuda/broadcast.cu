// Ops of two operands after broadcasting, and copies that stretch or permute axes; see broadcast.cuh.
// Each op has a kernel for operands that lie like the result, one for up to three axes and one for up to six.
#include "broadcast.cuh"

struct AddElements {
    __device__ float operator()(float x, float y) const { return x + y; }
};

struct MultiplyElements {
    __device__ float operator()(float x, float y) const { return x * y; }
};

struct ReluMaskElements {
    __device__ float operator()(float x, float y) const { return y > 0.0f ? x : 0.0f; }
};

struct RangeMaskElements {
    float low;
    float high;
    __device__ float operator()(float x, float y) const { return low < y && y < high ? x : 0.0f; }
};

struct LeftElement {
    __device__ float operator()(float x, float) const { return x; }
};

extern "C" __global__ void add(const float* x, const float* y, float* z, unsigned count) {
    combine_flat(x, y, z, count, AddElements{});
}

extern "C" __global__ void add_3(const float* x, const float* y, float* z, unsigned count, int flat, AXES_3) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_3, AddElements{});
}

extern "C" __global__ void add_6(const float* x, const float* y, float* z, unsigned count, int flat, AXES_6) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_6, AddElements{});
}

extern "C" __global__ void multiply(const float* x, const float* y, float* z, unsigned count) {
    combine_flat(x, y, z, count, MultiplyElements{});
}

extern "C" __global__ void multiply_3(const float* x, const float* y, float* z, unsigned count, int flat, AXES_3) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_3, MultiplyElements{});
}

extern "C" __global__ void multiply_6(const float* x, const float* y, float* z, unsigned count, int flat, AXES_6) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_6, MultiplyElements{});
}

extern "C" __global__ void relu_mask(const float* x, const float* y, float* z, unsigned count) {
    combine_flat(x, y, z, count, ReluMaskElements{});
}

extern "C" __global__ void relu_mask_3(
        const float* x, const float* y, float* z, unsigned count, int flat, AXES_3) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_3, ReluMaskElements{});
}

extern "C" __global__ void relu_mask_6(
        const float* x, const float* y, float* z, unsigned count, int flat, AXES_6) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_6, ReluMaskElements{});
}

extern "C" __global__ void range_mask(
        const float* x, const float* y, float* z, unsigned count, float low, float high) {
    combine_flat(x, y, z, count, RangeMaskElements{low, high});
}

extern "C" __global__ void range_mask_3(
        const float* x, const float* y, float* z, unsigned count, float low, float high, int flat, AXES_3) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_3, RangeMaskElements{low, high});
}

extern "C" __global__ void range_mask_6(
        const float* x, const float* y, float* z, unsigned count, float low, float high, int flat, AXES_6) {
    combine_strided(x, y, z, count, flat, MAKE_AXES_6, RangeMaskElements{low, high});
}

// z = x with stretched or permuted axes; the right operand is not used and is to lie like the left one.
extern "C" __global__ void copy_strided_3(const float* x, float* z, unsigned count, int flat, AXES_3) {
    combine_strided(x, x, z, count, flat, MAKE_AXES_3, LeftElement{});
}

extern "C" __global__ void copy_strided_6(const float* x, float* z, unsigned count, int flat, AXES_6) {
    combine_strided(x, x, z, count, flat, MAKE_AXES_6, LeftElement{});
}
