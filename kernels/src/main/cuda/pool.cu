// Max pooling over disjoint windows of images [N,H,W,C] and its adjoint; the first of equal elements of a window wins.
// V neighbouring channels a thread.
#include "common.cuh"

// The windows of images: the pooled width, channels, and the extent of a window. The rows of all images follow one
// another.
struct Windows {
    int width;
    int channels;
    int size;

    // The element of the large image where the window of a pooled element begins.
    __device__ unsigned start(unsigned pooled) const {
        const unsigned channel = pooled % channels;
        const unsigned pixel = pooled / channels;
        const unsigned column = pixel % width;
        const unsigned row = pixel / width;
        return (row * size * width * size + column * size) * channels + channel;
    }

    __device__ int row_length() const { return width * size * channels; }
};

// For each of V channels the offset, from the window's start, of the largest element.
template <int V>
__device__ inline void find_largest(const float* by, const Windows& windows, int (&place)[V]) {
    Pack<V> largest = load<V>(by);
#pragma unroll
    for (int j = 0; j < V; j++) place[j] = 0;
    for (int ky = 0; ky < windows.size; ky++) {
        for (int kx = 0; kx < windows.size; kx++) {
            const int offset = ky * windows.row_length() + kx * windows.channels;
            const Pack<V> candidate = load<V>(by + offset);
#pragma unroll
            for (int j = 0; j < V; j++) {
                const bool larger = candidate.at[j] > largest.at[j];
                largest.at[j] = larger ? candidate.at[j] : largest.at[j];
                place[j] = larger ? offset : place[j];
            }
        }
    }
}

template <int V>
__device__ void pool_windows(const float* __restrict__ values, const float* __restrict__ by, float* __restrict__ y,
        unsigned count, Windows windows) {
    for (unsigned i = grid_start(); i < count / V; i += grid_step()) {
        const unsigned start = windows.start(V * i);
        int place[V];
        find_largest<V>(by + start, windows, place);
        Pack<V> picked;
#pragma unroll
        for (int j = 0; j < V; j++) picked.at[j] = values[start + place[j] + j];
        store<V>(y + V * i, picked);
    }
}

template <int V>
__device__ void unpool_windows(const float* __restrict__ pooled, const float* __restrict__ by, float* __restrict__ y,
        unsigned count, Windows windows) {
    for (unsigned i = grid_start(); i < count / V; i += grid_step()) {
        const unsigned start = windows.start(V * i);
        int place[V];
        find_largest<V>(by + start, windows, place);
        const Pack<V> value = load<V>(pooled + V * i);
        for (int ky = 0; ky < windows.size; ky++) {
            for (int kx = 0; kx < windows.size; kx++) {
                const int offset = ky * windows.row_length() + kx * windows.channels;
                Pack<V> put;
#pragma unroll
                for (int j = 0; j < V; j++) put.at[j] = place[j] == offset ? value.at[j] : 0.0f;
                store<V>(y + start + offset, put);
            }
        }
    }
}

// count and width are those of the pooled images; every element of the large image lies in one window.

extern "C" __global__ void max_pool_4(
        const float* values, const float* by, float* y, unsigned count, int width, int channels, int size) {
    pool_windows<4>(values, by, y, count, Windows{width, channels, size});
}

extern "C" __global__ void max_pool_1(
        const float* values, const float* by, float* y, unsigned count, int width, int channels, int size) {
    pool_windows<1>(values, by, y, count, Windows{width, channels, size});
}

extern "C" __global__ void max_unpool_4(
        const float* pooled, const float* by, float* y, unsigned count, int width, int channels, int size) {
    unpool_windows<4>(pooled, by, y, count, Windows{width, channels, size});
}

extern "C" __global__ void max_unpool_1(
        const float* pooled, const float* by, float* y, unsigned count, int width, int channels, int size) {
    unpool_windows<1>(pooled, by, y, count, Windows{width, channels, size});
}
