// Sums of what many blocks have: a tree of two levels in one launch, whose order follows from the sizes alone.
//
// Every block leaves a row of numbers. The blocks are in groups of neighbours; the last block of a group to arrive adds
// its group's rows, and the last group to be added adds the groups. So the additions that are left when all blocks are
// done are spread over as many blocks as there are groups, and none of them waits for more than a few rows.
#pragma once
#include "common.cuh"

// A block's place among those whose rows are added up; ColumnGrid in Java chooses the groups.
struct SumTree {
    // That share a tree.
    unsigned blocks;
    unsigned blocks_per_group;
    // Of the launch, and which of them this one is.
    unsigned trees;
    unsigned tree;
    // Of the block in its tree.
    unsigned member;
};

// Blocks that have delivered their part, or groups that have: for each tree a number for every group, and one for all
// of them; a launch with more than one block a tree has at most 528 blocks. All are zero between kernels, and kernels
// of one loaded image run one after the other.
constexpr int ARRIVAL_COUNTERS = 1024;
static __device__ unsigned arrivals[ARRIVAL_COUNTERS];

// True in all threads of the block that is the last of `blocks` to call this for the counter. What the others have
// written to global memory before is visible to it through loads that pass by the first-level cache. The order of
// arrival must not change a result.
__device__ inline bool last_to_arrive(unsigned counter, unsigned blocks) {
    __shared__ bool last;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        last = atomicAdd(&arrivals[counter], 1u) == blocks - 1;
        if (last) arrivals[counter] = 0;
    }
    __syncthreads();
    __threadfence();
    return last;
}

// Adds up `rows` rows of `width` numbers that other blocks have written into the first row of `totals`, which has room
// for max(width, threads of the block); for all threads. Each strand of every `strands`-th row is a thread's, and its
// loads are on their way before the first is added: one that waits for the next would cost the latency of the
// second-level cache for every row.
template <class Number>
__device__ inline void add_rows(const Number* from, unsigned rows, unsigned width, double* totals) {
    constexpr unsigned AHEAD = 16;
    const unsigned strands = blockDim.x > width ? blockDim.x / width : 1;
    for (unsigned i = threadIdx.x; i < strands * width; i += blockDim.x) {
        double total = 0;
        for (unsigned row = i / width; row < rows; row += AHEAD * strands) {
            const Number* first = from + row * width + i % width;
            Number part[AHEAD];
#pragma unroll
            for (unsigned k = 0; k < AHEAD; k++) {
                part[k] = row + k * strands < rows ? __ldcg(first + k * strands * width) : Number{0};
            }
#pragma unroll
            for (unsigned k = 0; k < AHEAD; k++) total += part[k];
        }
        totals[i] = total;
    }
    fold_rows(totals, strands, width);
}

// Adds up the rows of `width` numbers that all blocks of a tree have, this one `row`. True in the block, in all of its
// threads, that has the sums in the first row of `totals` at the end; `row` and `totals` may share memory. `scratch` is
// for all trees: doubles [trees][groups][width], then floats [trees][blocks][width].
__device__ inline bool add_blocks(
        const SumTree& at, const float* row, unsigned width, double* scratch, double* totals) {
    const unsigned groups = (at.blocks + at.blocks_per_group - 1) / at.blocks_per_group;
    const unsigned group = at.member / at.blocks_per_group;
    const unsigned first = group * at.blocks_per_group;
    const unsigned rest = at.blocks - first;
    const unsigned members = rest < at.blocks_per_group ? rest : at.blocks_per_group;
    const unsigned counter = at.tree * (groups + 1);
    double* of_groups = scratch + at.tree * groups * width;
    float* of_blocks = reinterpret_cast<float*>(scratch + at.trees * groups * width) + at.tree * at.blocks * width;

    for (unsigned i = threadIdx.x; i < width; i += blockDim.x) of_blocks[at.member * width + i] = row[i];
    if (!last_to_arrive(counter + group, members)) return false;
    add_rows(of_blocks + first * width, members, width, totals);
    if (groups == 1) return true;

    for (unsigned i = threadIdx.x; i < width; i += blockDim.x) of_groups[group * width + i] = totals[i];
    if (!last_to_arrive(counter + groups, groups)) return false;
    add_rows(of_groups, groups, width, totals);
    return true;
}
