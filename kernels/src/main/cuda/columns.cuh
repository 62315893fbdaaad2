// Passes over a matrix of rows x columns that treat every column by itself: images seen as pixels x channels.
//
// A block takes a range of rows and a tile of columns. Where rows are short, the tile is the whole row, and the block's
// threads take neighbouring packs of V elements over several rows at once; they cover whole rows, so that a thread sees
// the same V columns in every step, whatever the number of columns. Longer rows, whose length is then a multiple of V,
// are cut into tiles of such a length. The grid is (ranges of rows, tiles, matrices); ColumnGrid in Java chooses it.
#pragma once
#include "sum_tree.cuh"

struct ColumnSizes {
    int rows;
    int columns;
    int tile;
    int rows_per_block;
    int blocks_per_group;
};

#define COLUMN_SIZES int rows, int columns, int tile, int rows_per_block, int blocks_per_group
#define MAKE_COLUMN_SIZES                                     \
    ColumnSizes {                                             \
        rows, columns, tile, rows_per_block, blocks_per_group \
    }

// The first `count` of a pack, zeros for the others.
template <int V>
__device__ inline Pack<V> load_first(const float* from, int count) {
    if (count == V) return load<V>(from);
    Pack<V> pack;
#pragma unroll
    for (int j = 0; j < V; j++) pack.at[j] = j < count ? from[j] : 0.0f;
    return pack;
}

template <int V>
__device__ inline void store_first(float* to, const Pack<V>& pack, int count) {
    if (count == V) {
        store<V>(to, pack);
        return;
    }
#pragma unroll
    for (int j = 0; j < V; j++) {
        if (j < count) to[j] = pack.at[j];
    }
}

// The packs of one thread: their first elements, and their columns, which are the same for all.
template <int V>
struct ColumnWalk {
    unsigned first;
    unsigned step;
    unsigned end;
    int column[V];

    __device__ explicit ColumnWalk(const ColumnSizes& sizes) {
        const unsigned matrix = blockIdx.z * static_cast<unsigned>(sizes.rows) * sizes.columns;
        const int from = blockIdx.x * sizes.rows_per_block;
        const int to = from + sizes.rows_per_block < sizes.rows ? from + sizes.rows_per_block : sizes.rows;
        const int place = V * threadIdx.x;
        const int column0 = blockIdx.y * sizes.tile + place % sizes.tile;
        end = matrix + static_cast<unsigned>(to) * sizes.columns;
        step = V * blockDim.x / sizes.tile * sizes.columns;
        first = matrix + static_cast<unsigned>(from + place / sizes.tile) * sizes.columns + column0;
        if (column0 >= sizes.columns) first = end;
#pragma unroll
        for (int j = 0; j < V; j++) column[j] = first == end ? 0 : (column0 + j) % sizes.columns;
    }

    // Calls fetch(element, count), which loads a pack's data, and use(data, element, count) for all packs in order;
    // count is below V in the last pack only. Several packs are fetched before the first is used.
    template <class Fetch, class Use>
    __device__ void over(Fetch fetch, Use use) const {
        constexpr int AHEAD = 4;
        unsigned element = first;
        for (; element + (AHEAD - 1) * step + V <= end; element += AHEAD * step) {
            decltype(fetch(0u, V)) data[AHEAD];
#pragma unroll
            for (int i = 0; i < AHEAD; i++) data[i] = fetch(element + i * step, V);
#pragma unroll
            for (int i = 0; i < AHEAD; i++) use(data[i], element + i * step, V);
        }
        for (; element < end; element += step) {
            const int count = end - element < V ? end - element : V;
            use(fetch(element, count), element, count);
        }
    }
};

// One number for each column of a pack and each of Q quantities.
template <int V, int Q>
struct ColumnNumbers {
    float at[Q][V];
};

// Adds up a block's numbers, column by column: [Q][tile] at the front of the shared array.
template <int V, int Q>
__device__ inline void fold_block(const ColumnNumbers<V, Q>& sums, int tile, float* shared) {
#pragma unroll
    for (int q = 0; q < Q; q++) {
#pragma unroll
        for (int j = 0; j < V; j++) {
            const int place = V * threadIdx.x + j;
            shared[(place / tile * Q + q) * tile + place % tile] = sums.at[q][j];
        }
    }
    fold_rows(shared, V * blockDim.x / tile, Q * tile);
}

// Sums over the rows of every column. `sums` are those of this thread; finish(column, totals[Q]) is called once for
// each column. The blocks that share a tile's rows are a tree, whose numbers lie in `partial`.
template <int V, int Q, class Finish>
__device__ void sum_columns(const ColumnNumbers<V, Q>& sums, const ColumnSizes& sizes, double* partial, Finish finish) {
    // First the block's own sums, which its threads have in float, then those of all blocks. A tile has V * BLOCK / 2
    // columns at most: even whole rows have two packs in turn, and longer ones are cut.
    __shared__ double totals[Q * V > 1 ? Q * V * BLOCK / 2 : BLOCK];
    float* of_block = reinterpret_cast<float*>(totals);
    const int tile = sizes.tile;
    fold_block(sums, tile, of_block);
    const bool alone = gridDim.x == 1;
    const SumTree tree{gridDim.x, static_cast<unsigned>(sizes.blocks_per_group), gridDim.y * gridDim.z,
            blockIdx.z * gridDim.y + blockIdx.y, blockIdx.x};
    if (!alone && !add_blocks(tree, of_block, Q * tile, partial, totals)) return;
    for (int i = threadIdx.x; i < tile; i += blockDim.x) {
        const int column = blockIdx.y * tile + i;
        if (column < sizes.columns) {
            double of_column[Q];
#pragma unroll
            for (int q = 0; q < Q; q++) of_column[q] = alone ? of_block[q * tile + i] : totals[q * tile + i];
            finish(column, of_column);
        }
    }
}
