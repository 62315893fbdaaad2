// Ops that only move elements. "Rows" are what lies from one position of an axis to the end of the tensor's last axis;
// lengths and offsets count packs of V elements, where V divides all of them.
#include "common.cuh"

// y[row][to + i] = x[row][from + i] for i < length.
template <int V>
__device__ void copy_row_parts(const float* __restrict__ x, float* __restrict__ y, unsigned rows, unsigned length,
        unsigned x_row, unsigned from, unsigned y_row, unsigned to) {
    const unsigned count = rows * length;
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const unsigned row = i / length;
        const unsigned place = i - row * length;
        store<V>(y + static_cast<size_t>(V) * (row * y_row + to + place),
                load<V>(x + static_cast<size_t>(V) * (row * x_row + from + place)));
    }
}

extern "C" __global__ void copy_rows_4(const float* x, float* y, unsigned rows, unsigned length, unsigned x_row,
        unsigned from, unsigned y_row, unsigned to) {
    copy_row_parts<4>(x, y, rows, length, x_row, from, y_row, to);
}

extern "C" __global__ void copy_rows_1(const float* x, float* y, unsigned rows, unsigned length, unsigned x_row,
        unsigned from, unsigned y_row, unsigned to) {
    copy_row_parts<1>(x, y, rows, length, x_row, from, y_row, to);
}

// y[row] = zeros, x[row], zeros: the length of x's rows, and where they begin in those of y.
template <int V>
__device__ void pad_rows(const float* __restrict__ x, float* __restrict__ y, unsigned count, unsigned length,
        unsigned before, unsigned y_row) {
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const unsigned row = i / y_row;
        // Wraps around before the beginning, and so is no less than the length.
        const unsigned place = i - row * y_row - before;
        Pack<V> pack = {};
        if (place < length) pack = load<V>(x + static_cast<size_t>(V) * (row * length + place));
        store<V>(y + static_cast<size_t>(V) * i, pack);
    }
}

extern "C" __global__ void pad_rows_4(
        const float* x, float* y, unsigned count, unsigned length, unsigned before, unsigned y_row) {
    pad_rows<4>(x, y, count, length, before, y_row);
}

extern "C" __global__ void pad_rows_1(
        const float* x, float* y, unsigned count, unsigned length, unsigned before, unsigned y_row) {
    pad_rows<1>(x, y, count, length, before, y_row);
}

// y[outer][j][inner] = x[outer][indices[j]][inner]; x has `size` positions along the axis, y has `picked`; inner counts
// packs.
template <int V>
__device__ void gather_positions(const float* __restrict__ x, const int* __restrict__ indices, float* __restrict__ y,
        unsigned count, unsigned size, unsigned picked, unsigned inner) {
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const unsigned row = i / inner;
        const unsigned outer = row / picked;
        const unsigned position = indices[row - outer * picked];
        store<V>(y + static_cast<size_t>(V) * i,
                load<V>(x + static_cast<size_t>(V) * ((outer * size + position) * inner + i - row * inner)));
    }
}

extern "C" __global__ void gather_4(
        const float* x, const int* indices, float* y, unsigned count, unsigned size, unsigned picked, unsigned inner) {
    gather_positions<4>(x, indices, y, count, size, picked, inner);
}

extern "C" __global__ void gather_1(
        const float* x, const int* indices, float* y, unsigned count, unsigned size, unsigned picked, unsigned inner) {
    gather_positions<1>(x, indices, y, count, size, picked, inner);
}

// y[outer][position][inner] = the sum of x[outer][j][inner] over the j that go to the position. `sources` holds, for
// each of `size` positions and one more, where its list begins, and then the lists, each in rising order; x has `put`
// positions along the axis.
template <int V>
__device__ void scatter_positions(const float* __restrict__ x, const int* __restrict__ sources, float* __restrict__ y,
        unsigned count, unsigned size, unsigned put, unsigned inner) {
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const unsigned row = i / inner;
        const unsigned outer = row / size;
        const unsigned position = row - outer * size;
        Pack<V> sum = {};
        for (int entry = sources[position]; entry < sources[position + 1]; entry++) {
            const unsigned from = (outer * put + sources[entry]) * inner + i - row * inner;
            const Pack<V> pack = load<V>(x + static_cast<size_t>(V) * from);
#pragma unroll
            for (int j = 0; j < V; j++) sum.at[j] += pack.at[j];
        }
        store<V>(y + static_cast<size_t>(V) * i, sum);
    }
}

extern "C" __global__ void scatter_4(
        const float* x, const int* sources, float* y, unsigned count, unsigned size, unsigned put, unsigned inner) {
    scatter_positions<4>(x, sources, y, count, size, put, inner);
}

extern "C" __global__ void scatter_1(
        const float* x, const int* sources, float* y, unsigned count, unsigned size, unsigned put, unsigned inner) {
    scatter_positions<1>(x, sources, y, count, size, put, inner);
}

// Exchanges two axes through tiles in shared memory, so that reads and writes are both contiguous: y[...][column][row]
// = x[...][row][column], where rows lie x_row elements apart in x and columns y_column in y. What is left are up to two
// more axes, the inner one of extent `inner`, with their strides in both. Blocks of 32 x 8 threads; grid (tiles of
// columns, tiles of rows, rest).
extern "C" __global__ void transpose(const float* __restrict__ x, float* __restrict__ y, int rows, int columns,
        unsigned x_row, unsigned y_column, unsigned rest, unsigned inner, unsigned x_outer, unsigned x_inner,
        unsigned y_outer, unsigned y_inner) {
    constexpr int TILE = 32;
    __shared__ float tile[TILE][TILE + 1];
    const int row0 = blockIdx.y * TILE;
    const int column0 = blockIdx.x * TILE;
    for (unsigned matrix = blockIdx.z; matrix < rest; matrix += gridDim.z) {
        const float* from = x + matrix / inner * x_outer + matrix % inner * x_inner;
        float* to = y + matrix / inner * y_outer + matrix % inner * y_inner;
        const int column = column0 + threadIdx.x;
        for (int r = threadIdx.y; r < TILE; r += blockDim.y) {
            if (row0 + r < rows && column < columns) tile[r][threadIdx.x] = from[(row0 + r) * x_row + column];
        }
        __syncthreads();
        const int row = row0 + threadIdx.x;
        for (int c = threadIdx.y; c < TILE; c += blockDim.y) {
            if (column0 + c < columns && row < rows) to[(column0 + c) * y_column + row] = tile[threadIdx.x][c];
        }
        __syncthreads();
    }
}
