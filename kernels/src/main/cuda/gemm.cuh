// A tile of a GEMM of two matrices whose elements are computed from coordinates: the inner part of convolutions as
// implicit GEMMs.
//
// An operand is seen as lines of contiguous elements and tells where an element lies: `Line line(int i)`, `Place
// place(int j)` and `int offset(Line, Place)`, which is negative where the element is 0. Packs of V elements lie in one
// piece. The summed index runs either along the lines (ByLines) or across them (AcrossLines).
#pragma once
#include "common.cuh"

// Summed elements that are in shared memory at once.
constexpr int DEPTH = 16;
// Keeps rows of a tile aligned to 16 bytes and stores to different banks.
constexpr int PAD = 4;

// A block's tile of rows x columns; each thread has a part of it.
template <int ROWS_, int COLUMNS_, int THREAD_ROWS_, int THREAD_COLUMNS_>
struct TileShape {
    static constexpr int ROWS = ROWS_;
    static constexpr int COLUMNS = COLUMNS_;
    static constexpr int THREAD_ROWS = THREAD_ROWS_;
    static constexpr int THREAD_COLUMNS = THREAD_COLUMNS_;
    static_assert(ROWS / THREAD_ROWS * (COLUMNS / THREAD_COLUMNS) == BLOCK, "a tile has one part a thread");
};

template <int V>
__device__ inline Pack<V> load_or_zero(const float* data, int offset) {
    if (offset < 0) return Pack<V>{};
    return load<V>(data + offset);
}

// Brings EXTENT lines of an operand into a tile [DEPTH][EXTENT]; the summed index runs along the lines.
template <int EXTENT, int V, class Operand>
struct ByLines {
    static constexpr int LANES = DEPTH / V;
    static constexpr int LINES_AT_ONCE = BLOCK / LANES;
    static constexpr int COUNT = (EXTENT + LINES_AT_ONCE - 1) / LINES_AT_ONCE;

    Operand operand;
    int place0;
    int line0;
    typename Operand::Line lines[COUNT];
    Pack<V> packs[COUNT];

    __device__ ByLines(const Operand& from, int first) : operand(from) {
        place0 = threadIdx.x % LANES * V;
        line0 = threadIdx.x / LANES;
#pragma unroll
        for (int i = 0; i < COUNT; i++) lines[i] = operand.line(first + line0 + i * LINES_AT_ONCE);
    }

    __device__ void fetch(int summed) {
        const typename Operand::Place place = operand.place(summed + place0);
#pragma unroll
        for (int i = 0; i < COUNT; i++) packs[i] = load_or_zero<V>(operand.data, operand.offset(lines[i], place));
    }

    __device__ void put(float (*tile)[EXTENT + PAD]) const {
#pragma unroll
        for (int i = 0; i < COUNT; i++) {
            const int line = line0 + i * LINES_AT_ONCE;
            if (EXTENT % LINES_AT_ONCE == 0 || line < EXTENT) {
#pragma unroll
                for (int j = 0; j < V; j++) tile[place0 + j][line] = packs[i].at[j];
            }
        }
    }
};

// Brings EXTENT places of an operand into a tile [DEPTH][EXTENT]; the summed index runs across the lines.
template <int EXTENT, int V, class Operand>
struct AcrossLines {
    static constexpr int LANES = EXTENT / V;
    static constexpr int LINES_AT_ONCE = BLOCK / LANES;
    static constexpr int COUNT = (DEPTH + LINES_AT_ONCE - 1) / LINES_AT_ONCE;

    Operand operand;
    int place0;
    int line0;
    typename Operand::Place place;
    Pack<V> packs[COUNT];

    __device__ AcrossLines(const Operand& from, int first) : operand(from) {
        place0 = threadIdx.x % LANES * V;
        line0 = threadIdx.x / LANES;
        place = operand.place(first + place0);
    }

    __device__ void fetch(int summed) {
#pragma unroll
        for (int i = 0; i < COUNT; i++) {
            const typename Operand::Line line = operand.line(summed + line0 + i * LINES_AT_ONCE);
            packs[i] = load_or_zero<V>(operand.data, operand.offset(line, place));
        }
    }

    __device__ void put(float (*tile)[EXTENT + PAD]) const {
#pragma unroll
        for (int i = 0; i < COUNT; i++) {
            const int line = line0 + i * LINES_AT_ONCE;
            if (DEPTH % LINES_AT_ONCE == 0 || line < DEPTH) store<V>(&tile[line][place0], packs[i]);
        }
    }
};

// Any number of neighbouring floats, in accesses of 16 bytes where it is a multiple of 4.
template <int COUNT>
__device__ inline Pack<COUNT> load_shared(const float* from) {
    constexpr int PACK = COUNT % 4 == 0 ? 4 : COUNT;
    Pack<COUNT> all;
#pragma unroll
    for (int i = 0; i < COUNT; i += PACK) {
        const Pack<PACK> part = load<PACK>(from + i);
#pragma unroll
        for (int j = 0; j < PACK; j++) all.at[i + j] = part.at[j];
    }
    return all;
}

// Adds up left x right over [from, to) and hands the tile to store(row, column, pack), rows of a thread at a time,
// counted within the tile. `to - from` is a multiple of DEPTH, or operands are 0 from `to` on. The next step's elements
// are fetched while one is computed.
template <class Shape, class Left, class Right, class Store>
__device__ void multiply_tile(Left left, Right right, int from, int to, Store store) {
    constexpr int M = Shape::THREAD_ROWS;
    constexpr int N = Shape::THREAD_COLUMNS;
    __shared__ __align__(16) float left_tile[2][DEPTH][Shape::ROWS + PAD];
    __shared__ __align__(16) float right_tile[2][DEPTH][Shape::COLUMNS + PAD];
    const int row0 = threadIdx.x / (Shape::COLUMNS / N) * M;
    const int column0 = threadIdx.x % (Shape::COLUMNS / N) * N;
    float sums[M][N] = {};
    int buffer = 0;
    if (from < to) {
        left.fetch(from);
        right.fetch(from);
        left.put(left_tile[0]);
        right.put(right_tile[0]);
    }
    __syncthreads();
    for (int at = from; at < to; at += DEPTH) {
        const bool more = at + DEPTH < to;
        if (more) {
            left.fetch(at + DEPTH);
            right.fetch(at + DEPTH);
        }
#pragma unroll
        for (int k = 0; k < DEPTH; k++) {
            const Pack<M> a = load_shared<M>(&left_tile[buffer][k][row0]);
            const Pack<N> b = load_shared<N>(&right_tile[buffer][k][column0]);
#pragma unroll
            for (int i = 0; i < M; i++) {
#pragma unroll
                for (int j = 0; j < N; j++) sums[i][j] = fmaf(a.at[i], b.at[j], sums[i][j]);
            }
        }
        if (more) {
            buffer = 1 - buffer;
            left.put(left_tile[buffer]);
            right.put(right_tile[buffer]);
            __syncthreads();
        }
    }
#pragma unroll
    for (int i = 0; i < M; i++) {
        Pack<N> row;
#pragma unroll
        for (int j = 0; j < N; j++) row.at[j] = sums[i][j];
        store(row0 + i, column0, row);
    }
}
