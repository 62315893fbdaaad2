// Sums over one axis of [outer, rows, inner]; several axes are summed one after the other. Always in the same order.
#include "columns.cuh"

template <int V>
__device__ void sum_rows_of_columns(
        const float* __restrict__ x, float* __restrict__ y, double* partial, ColumnSizes sizes) {
    ColumnNumbers<V, 1> sums = {};
    ColumnWalk<V>(sizes).over([=](unsigned i, int count) { return load_first<V>(x + i, count); },
            [&](const Pack<V>& pack, unsigned, int) {
#pragma unroll
                for (int j = 0; j < V; j++) sums.at[0][j] += pack.at[j];
            });
    float* to = y + static_cast<size_t>(blockIdx.z) * sizes.columns;
    sum_columns(
            sums, sizes, partial, [=](int column, const double* total) { to[column] = static_cast<float>(total[0]); });
}

// Many rows: blocks share the rows of each of the `outer` matrices.
extern "C" __global__ void sum_columns_4(const float* x, float* y, double* partial, COLUMN_SIZES) {
    sum_rows_of_columns<4>(x, y, partial, MAKE_COLUMN_SIZES);
}

extern "C" __global__ void sum_columns_1(const float* x, float* y, double* partial, COLUMN_SIZES) {
    sum_rows_of_columns<1>(x, y, partial, MAKE_COLUMN_SIZES);
}

// Few rows, or many sums: a thread for each sum. Blocks of 32 additions in single precision, beyond that double
// precision.
extern "C" __global__ void sum_short(const float* x, float* y, unsigned count, int rows, int inner) {
    constexpr int STRAND = 32;
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const float* from = x + static_cast<size_t>(i / inner) * rows * inner + i % inner;
        double total = 0;
        for (int row = 0; row < rows; row += STRAND) {
            const int end = row + STRAND < rows ? row + STRAND : rows;
            float sum = 0;
#pragma unroll 8
            for (int r = row; r < end; r++) sum += from[static_cast<size_t>(r) * inner];
            total += sum;
        }
        y[i] = static_cast<float>(total);
    }
}

// The last axis of moderate length: a warp for each sum.
extern "C" __global__ void sum_contiguous(const float* x, float* y, unsigned count, int length) {
    const unsigned lane = threadIdx.x % WARP;
    const unsigned warps = gridDim.x * (blockDim.x / WARP);
    for (unsigned row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP; row < count; row += warps) {
        const float* from = x + static_cast<size_t>(row) * length;
        float sum = 0;
#pragma unroll 4
        for (unsigned i = lane; i < static_cast<unsigned>(length); i += WARP) sum += from[i];
        sum = combine_warp(sum, Sum{});
        if (lane == 0) y[row] = sum;
    }
}
