// Walking over an output in order with the offsets of up to two operands that are stretched or permuted.
//
// The axes come with the last first. Axis a has extent size[a], except the outermost, whose extent follows from the
// count; stepping along it moves the operand by stride[a] elements, 0 where the operand is stretched.
#pragma once
#include "common.cuh"

template <int RANK>
struct Axes {
    unsigned size[RANK];
    unsigned left[RANK];
    unsigned right[RANK];
};

// The place of one output element in both operands. Offsets wrap around modulo 2^32 while they move, and are right
// after it.
template <int RANK>
struct Place {
    unsigned coordinate[RANK];
    unsigned left = 0;
    unsigned right = 0;

    __device__ Place(const Axes<RANK>& axes, unsigned element) {
#pragma unroll
        for (int a = 0; a < RANK; a++) {
            coordinate[a] = a == RANK - 1 ? element : element % axes.size[a];
            if (a < RANK - 1) element /= axes.size[a];
            left += coordinate[a] * axes.left[a];
            right += coordinate[a] * axes.right[a];
        }
    }

    // Moves on to the next element.
    __device__ void step(const Axes<RANK>& axes) {
        bool carry = true;
#pragma unroll
        for (int a = 0; a < RANK; a++) {
            coordinate[a] += carry;
            left += carry ? axes.left[a] : 0;
            right += carry ? axes.right[a] : 0;
            carry = carry && a < RANK - 1 && coordinate[a] == axes.size[a];
            left -= carry ? axes.size[a] * axes.left[a] : 0;
            right -= carry ? axes.size[a] * axes.right[a] : 0;
            coordinate[a] = carry ? 0 : coordinate[a];
        }
    }
};

// z = function(x, y), four elements a step. `flat` says which operands lie like the output (1: left, 2: right).
template <int RANK, class Function>
__device__ void combine_strided(const float* __restrict__ x, const float* __restrict__ y, float* __restrict__ z,
        unsigned count, int flat, const Axes<RANK>& axes, Function function) {
    const unsigned packs = count / 4;
    for (unsigned i = grid_start(); i < packs; i += grid_step()) {
        Place<RANK> place(axes, 4 * i);
        Pack<4> left;
        Pack<4> right;
        if (flat & 1) left = load<4>(x + 4 * i);
        if (flat & 2) right = load<4>(y + 4 * i);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            if (!(flat & 1)) left.at[j] = x[place.left];
            if (!(flat & 2)) right.at[j] = y[place.right];
            place.step(axes);
        }
#pragma unroll
        for (int j = 0; j < 4; j++) left.at[j] = function(left.at[j], right.at[j]);
        store(z + 4 * i, left);
    }
    for (unsigned i = 4 * packs + grid_start(); i < count; i += grid_step()) {
        const Place<RANK> place(axes, i);
        z[i] = function(x[place.left], y[place.right]);
    }
}

// z = function(x, y) where both lie like z.
template <class Function>
__device__ void combine_flat(const float* __restrict__ x, const float* __restrict__ y, float* __restrict__ z,
        unsigned count, Function function) {
    const unsigned packs = count / 4;
    for (unsigned i = grid_start(); i < packs; i += grid_step()) {
        Pack<4> left = load<4>(x + 4 * i);
        const Pack<4> right = load<4>(y + 4 * i);
#pragma unroll
        for (int j = 0; j < 4; j++) left.at[j] = function(left.at[j], right.at[j]);
        store(z + 4 * i, left);
    }
    for (unsigned i = 4 * packs + grid_start(); i < count; i += grid_step()) z[i] = function(x[i], y[i]);
}

// The axes as parameters of a kernel, and put together again. Three axes are enough for most, six for all.
#define AXES_3 int s0, int s1, int l0, int l1, int l2, int r0, int r1, int r2
#define AXES_6                                                                                                      \
    int s0, int s1, int s2, int s3, int s4, int l0, int l1, int l2, int l3, int l4, int l5, int r0, int r1, int r2, \
            int r3, int r4, int r5

#define MAKE_AXES_3 axes_of(s0, s1, l0, l1, l2, r0, r1, r2)
#define MAKE_AXES_6 axes_of(s0, s1, s2, s3, s4, l0, l1, l2, l3, l4, l5, r0, r1, r2, r3, r4, r5)

template <class... Numbers>
__device__ inline auto axes_of(Numbers... numbers) {
    constexpr int RANK = (sizeof...(Numbers) + 1) / 3;
    const int all[] = {numbers...};
    Axes<RANK> axes;
#pragma unroll
    for (int a = 0; a < RANK; a++) {
        axes.size[a] = a < RANK - 1 ? all[a] : 0;
        axes.left[a] = all[RANK - 1 + a];
        axes.right[a] = all[2 * RANK - 1 + a];
    }
    return axes;
}
