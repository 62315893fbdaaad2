// 3x3 convolutions of stride 1 with few channels, straight from shared memory: each input pixel is read once for all
// nine taps. The gradient with respect to the input is such a convolution as well, with the weights flipped and
// transposed.
//
// A block computes SQUARES squares of SIDE x SIDE pixels, from any images, for CHANNELS output channels; a thread a run
// of RUN pixels for PART of the channels.
#include "common.cuh"

namespace direct {

constexpr int TAPS = 3;
constexpr int SIDE = 8;
constexpr int RUN = 4;
constexpr int SQUARES = 4;
constexpr int CHANNELS = 16;
constexpr int PART = 8;
// Input channels that are in shared memory at once.
constexpr int DEPTH = 8;
constexpr int PATCH = SIDE + TAPS - 1;
// Patch columns with padding, so that runs begin at multiples of 16 bytes.
constexpr int PITCH = 12;
constexpr int RUNS = SIDE / RUN;
constexpr int THREADS = SQUARES * SIDE * RUNS * (CHANNELS / PART);

struct Sizes {
    int batch, in_height, in_width, in_channels, out_height, out_width, out_channels, padding;

    __device__ int squares_wide() const { return (out_width + SIDE - 1) / SIDE; }
    __device__ int squares_high() const { return (out_height + SIDE - 1) / SIDE; }
};

// The square's image and the pixel of its upper left corner; `image` is the batch size behind the last one.
struct Square {
    int image, row, column;

    __device__ Square(const Sizes& sizes, int number) {
        column = number % sizes.squares_wide() * SIDE;
        row = number / sizes.squares_wide() % sizes.squares_high() * SIDE;
        image = number / sizes.squares_wide() / sizes.squares_high();
        image = image < sizes.batch ? image : sizes.batch;
    }
};

// Where the weight of (output channel, tap, input channel) lies: a sum of products with strides.
struct WeightStrides {
    int first, out_channel, tap, in_channel;
};

typedef float Patches[SQUARES][DEPTH][PATCH][PITCH];
typedef float Weights[DEPTH][TAPS * TAPS][CHANNELS];

template <int V>
__device__ void load_patches(const float* __restrict__ x, const Sizes& sizes, int channel0, Patches& patches) {
    constexpr int PACKS = DEPTH / V;
    for (int i = threadIdx.x; i < SQUARES * PATCH * PATCH * PACKS; i += THREADS) {
        const int depth = i % PACKS * V;
        const int column = i / PACKS % PATCH;
        const int row = i / PACKS / PATCH % PATCH;
        const int number = i / PACKS / PATCH / PATCH;
        const Square square(sizes, blockIdx.x * SQUARES + number);
        const int in_row = square.row + row - sizes.padding;
        const int in_column = square.column + column - sizes.padding;
        const bool inside = square.image < sizes.batch && in_row >= 0 && in_row < sizes.in_height && in_column >= 0
                            && in_column < sizes.in_width && channel0 + depth < sizes.in_channels;
        Pack<V> pack = {};
        if (inside) {
            const size_t pixel =
                    (static_cast<size_t>(square.image) * sizes.in_height + in_row) * sizes.in_width + in_column;
            pack = load<V>(x + pixel * sizes.in_channels + channel0 + depth);
        }
#pragma unroll
        for (int j = 0; j < V; j++) patches[number][depth + j][row][column] = pack.at[j];
    }
}

__device__ inline void load_weights(
        const float* __restrict__ w, const Sizes& sizes, const WeightStrides& strides, int channel0, Weights& weights) {
    for (int i = threadIdx.x; i < DEPTH * TAPS * TAPS * CHANNELS; i += THREADS) {
        const int depth = i % DEPTH;
        const int tap = i / DEPTH % (TAPS * TAPS);
        const int part = i / DEPTH / (TAPS * TAPS);
        const int in_channel = channel0 + depth;
        const int out_channel = blockIdx.y * CHANNELS + part;
        const bool inside = in_channel < sizes.in_channels && out_channel < sizes.out_channels;
        const int at =
                strides.first + out_channel * strides.out_channel + tap * strides.tap + in_channel * strides.in_channel;
        weights[depth][tap][part] = inside ? w[at] : 0.0f;
    }
}

// Adds what the channels in shared memory contribute to a thread's run.
__device__ inline void accumulate(const float (&patch)[DEPTH][PATCH][PITCH], const Weights& weights, int row,
        int column, int part, float (&sums)[RUN][PART]) {
#pragma unroll 1
    for (int depth = 0; depth < DEPTH; depth++) {
#pragma unroll
        for (int ky = 0; ky < TAPS; ky++) {
            float pixels[RUN + TAPS - 1];
            const Pack<4> four = load<4>(&patch[depth][row + ky][column]);
#pragma unroll
            for (int i = 0; i < 4; i++) pixels[i] = four.at[i];
#pragma unroll
            for (int i = 4; i < RUN + TAPS - 1; i++) pixels[i] = patch[depth][row + ky][column + i];
#pragma unroll
            for (int kx = 0; kx < TAPS; kx++) {
#pragma unroll
                for (int j = 0; j < PART; j += 4) {
                    const Pack<4> factors = load<4>(&weights[depth][ky * TAPS + kx][part + j]);
#pragma unroll
                    for (int r = 0; r < RUN; r++) {
#pragma unroll
                        for (int i = 0; i < 4; i++)
                            sums[r][j + i] = fmaf(pixels[r + kx], factors.at[i], sums[r][j + i]);
                    }
                }
            }
        }
    }
}

// V divides the input channels.
template <int V>
__device__ void convolve(const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,
        const Sizes& sizes, const WeightStrides& strides) {
    __shared__ __align__(16) Patches patches;
    __shared__ __align__(16) Weights weights;
    const int part = threadIdx.x / (SQUARES * SIDE * RUNS) * PART;
    const int number = threadIdx.x / (SIDE * RUNS) % SQUARES;
    const int row = threadIdx.x / RUNS % SIDE;
    const int column = threadIdx.x % RUNS * RUN;
    float sums[RUN][PART] = {};
    for (int channel0 = 0; channel0 < sizes.in_channels; channel0 += DEPTH) {
        load_patches<V>(x, sizes, channel0, patches);
        load_weights(w, sizes, strides, channel0, weights);
        __syncthreads();
        accumulate(patches[number], weights, row, column, part, sums);
        __syncthreads();
    }
    const Square square(sizes, blockIdx.x * SQUARES + number);
    const int channel = blockIdx.y * CHANNELS + part;
    if (square.image == sizes.batch || square.row + row >= sizes.out_height) return;
    const size_t line = (static_cast<size_t>(square.image) * sizes.out_height + square.row + row) * sizes.out_width;
#pragma unroll
    for (int r = 0; r < RUN; r++) {
        const int out_column = square.column + column + r;
        if (out_column >= sizes.out_width) return;
        float* to = y + (line + out_column) * sizes.out_channels + channel;
#pragma unroll
        for (int j = 0; j < PART; j += 4) {
            if (sizes.out_channels % 4 == 0 && channel + j < sizes.out_channels) {
                store<4>(to + j, Pack<4>{{sums[r][j], sums[r][j + 1], sums[r][j + 2], sums[r][j + 3]}});
            } else {
#pragma unroll
                for (int i = j; i < j + 4; i++) {
                    if (channel + i < sizes.out_channels) to[i] = sums[r][i];
                }
            }
        }
    }
}

}  // namespace direct

#define DIRECT_SIZES                                                                                          \
    int batch, int in_height, int in_width, int in_channels, int out_height, int out_width, int out_channels, \
            int padding
#define MAKE_DIRECT_SIZES                                                                     \
    direct::Sizes {                                                                           \
        batch, in_height, in_width, in_channels, out_height, out_width, out_channels, padding \
    }

// Grid (blocks of squares, blocks of output channels). The weight of (o, tap, c) is w[first + o * out_stride + tap *
// tap_stride + c * in_stride].

extern "C" __global__ void __launch_bounds__(direct::THREADS, 4) direct_3x3_4(const float* x, const float* w, float* y,
        DIRECT_SIZES, int first, int out_stride, int tap_stride, int in_stride) {
    direct::convolve<4>(x, w, y, MAKE_DIRECT_SIZES, direct::WeightStrides{first, out_stride, tap_stride, in_stride});
}

extern "C" __global__ void __launch_bounds__(direct::THREADS, 4) direct_3x3_1(const float* x, const float* w, float* y,
        DIRECT_SIZES, int first, int out_stride, int tap_stride, int in_stride) {
    direct::convolve<1>(x, w, y, MAKE_DIRECT_SIZES, direct::WeightStrides{first, out_stride, tap_stride, in_stride});
}
