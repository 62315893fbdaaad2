// Updates of many tuples of tensors in one launch. The table of tuples is a parameter by value, so that nothing has to
// be uploaded and a captured launch keeps it. Tuples.java fills it.
#pragma once

#include "common.cuh"

// Bytes of a table: with the other parameters of a kernel it stays within 4,096, which every driver takes.
constexpr int TABLE_BYTES = 4032;

// A pack for each thread.
constexpr unsigned BLOCK_ELEMENTS = 4 * BLOCK;

template <int TENSORS>
struct Tuple {
    float* tensors[TENSORS];
    // Elements of the first tensor, which all that are overwritten have as well.
    unsigned count;
    // Blocks of this tuple and of all before it.
    unsigned end;
    // A number that differs from tuple to tuple.
    float factor;
};

template <int TENSORS>
struct Tuples {
    Tuple<TENSORS> at[TABLE_BYTES / sizeof(Tuple<TENSORS>)];
};

// Calls update.step<4>(tuple, i) for packs that begin at element i, and update.step<1>(tuple, i) for each of the rest,
// for the elements of this block. A tuple has BLOCK_ELEMENTS a block, the last block fewer.
template <int TENSORS, class Update>
__device__ inline void update_elements(const Tuples<TENSORS>& tuples, int count, const Update& update) {
    // The first tuple that ends behind this block.
    int low = 0;
    int high = count - 1;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (tuples.at[middle].end <= blockIdx.x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const Tuple<TENSORS>& tuple = tuples.at[low];
    const unsigned first = low == 0 ? 0 : tuples.at[low - 1].end;
    unsigned i = (blockIdx.x - first) * BLOCK_ELEMENTS + 4 * threadIdx.x;
    if (i + 4 <= tuple.count) {
        update.template step<4>(tuple, i);
    } else {
        for (; i < tuple.count; i++) update.template step<1>(tuple, i);
    }
}
