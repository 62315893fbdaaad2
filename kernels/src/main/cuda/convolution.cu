// Convolutions of any geometry as GEMMs of matrices that are never written out, in plain float32: forward, and the
// gradients with respect to input and weights. Kernels are named by the tile of a block, and by the channels of a pack:
// 4 where the input and output channels of a group are multiples of 4, else 1.
#include "geometry.cuh"
#include "gemm.cuh"

// A place that no element has.
constexpr int OUTSIDE = -1;

// What the windows of a convolution see: lines are windows, in them (tap row, tap column, channel). A tap moves by
// `direction` pixels. The image has `channels` in memory, of which the group's begin at `channel0`.
struct Patches {
    struct Line {
        int image;
        int row;
        int column;
    };
    struct Place {
        int row;
        int column;
        int channel;
    };

    const float* data;
    // Of the windows: how many in all, and in an image.
    int windows;
    int windows_high;
    int windows_wide;
    // The pixel of a window's first tap is coordinate * step + start.
    int step;
    int row_start;
    int column_start;
    // Of the image.
    int height;
    int width;
    int channels;
    int channel0;
    // Of a window.
    int taps_wide;
    int group_channels;
    int length;
    int direction;

    __device__ Line line(int window) const {
        const int column = window % windows_wide;
        const int row = window / windows_wide % windows_high;
        const int image = window / windows_wide / windows_high;
        return {window < windows ? image * height : OUTSIDE, row * step + row_start, column * step + column_start};
    }

    __device__ Place place(int element) const {
        const int tap = element / group_channels;
        return {tap / taps_wide * direction, tap % taps_wide * direction,
                element < length ? channel0 + element - tap * group_channels : OUTSIDE};
    }

    __device__ int offset(const Line& line, const Place& place) const {
        const unsigned row = line.row + place.row;
        const unsigned column = line.column + place.column;
        const bool inside = line.image >= 0 && place.channel >= 0 && row < static_cast<unsigned>(height)
                            && column < static_cast<unsigned>(width);
        return inside ? static_cast<int>(((line.image + row) * width + column) * channels + place.channel) : OUTSIDE;
    }
};

// A plain matrix of lines x places, `stride` elements from line to line.
struct Matrix {
    using Line = int;
    using Place = int;

    const float* data;
    int lines;
    int places;
    int stride;

    __device__ Line line(int i) const { return i < lines ? i * stride : OUTSIDE; }
    __device__ Place place(int j) const { return j < places ? j : OUTSIDE; }
    __device__ int offset(Line line, Place place) const { return line >= 0 && place >= 0 ? line + place : OUTSIDE; }
};

// The weights that lead back from output to input: lines are (tap row, tap column, output channel), every `step`-th tap
// from the first.
struct Taps {
    using Line = int;
    using Place = int;

    const float* data;
    int lines;
    int group_in;
    int group_out;
    int taps_wide;
    int row_start;
    int column_start;
    int step;
    int kernel_height;
    int kernel_width;

    __device__ Line line(int i) const {
        const int tap = i / group_out;
        const int row = row_start + tap / taps_wide * step;
        const int column = column_start + tap % taps_wide * step;
        return i < lines ? (((i - tap * group_out) * kernel_height + row) * kernel_width + column) * group_in : OUTSIDE;
    }

    __device__ Place place(int j) const { return j < group_in ? j : OUTSIDE; }
    __device__ int offset(Line line, Place place) const { return line >= 0 && place >= 0 ? line + place : OUTSIDE; }
};

// Windows of the input of the group, one for each output pixel.
__device__ inline Patches input_windows(const Geometry& g, const float* x, int group) {
    return {x, g.out_pixels(), g.out_height, g.out_width, g.stride, -g.padding, -g.padding, g.height, g.width,
            g.in_channels, group * g.group_in(), g.kernel_width, g.group_in(), g.window(), 1};
}

// Stores what lies inside of [0, columns) of a row; packs whole where V is 4, for then `columns` is a multiple of 4.
template <int V, int N>
__device__ inline void store_row(float* row, int column, int columns, const Pack<N>& pack) {
#pragma unroll
    for (int j = 0; j < N; j += N % V == 0 ? V : 1) {
        if (column + j >= columns) return;
        if constexpr (N % V == 0) {
            Pack<V> part;
#pragma unroll
            for (int i = 0; i < V; i++) part.at[i] = pack.at[j + i];
            store<V>(row + column + j, part);
        } else {
            row[column + j] = pack.at[j];
        }
    }
}

// Grid (tiles of output pixels, tiles of output channels, groups).
template <class Shape, int V>
__device__ void forward(const float* x, const float* w, float* y, const Geometry& g) {
    const int group = blockIdx.z;
    const int row0 = blockIdx.x * Shape::ROWS;
    const int column0 = blockIdx.y * Shape::COLUMNS;
    const Matrix filters{
            w + static_cast<size_t>(group) * g.group_out() * g.window(), g.group_out(), g.window(), g.window()};
    multiply_tile<Shape>(ByLines<Shape::ROWS, V, Patches>(input_windows(g, x, group), row0),
            ByLines<Shape::COLUMNS, V, Matrix>(filters, column0), 0, g.window(),
            [&](int row, int column, const Pack<Shape::THREAD_COLUMNS>& pack) {
                if (row0 + row >= g.out_pixels()) return;
                float* to = y + static_cast<size_t>(row0 + row) * g.out_channels + group * g.group_out();
                store_row<V>(to, column0 + column, g.group_out(), pack);
            });
}

// The input's pixels fall into stride x stride phases; those of one phase meet the same taps, so that each is a
// convolution of stride 1 on the output's gradient. Grid (tiles of a phase's pixels, tiles of input channels, groups *
// phases).
template <class Shape, int V>
__device__ void input_gradient(const float* gradient, const float* w, float* x, const Geometry& g) {
    const int phases = g.stride * g.stride;
    const int group = blockIdx.z / phases;
    const int phase_row = blockIdx.z % phases / g.stride;
    const int phase_column = blockIdx.z % g.stride;
    const int high = (g.height - phase_row + g.stride - 1) / g.stride;
    const int wide = (g.width - phase_column + g.stride - 1) / g.stride;
    const int tap_row = (phase_row + g.padding) % g.stride;
    const int tap_column = (phase_column + g.padding) % g.stride;
    const int taps_high = (g.kernel_height - tap_row + g.stride - 1) / g.stride;
    const int taps_wide = (g.kernel_width - tap_column + g.stride - 1) / g.stride;
    const int pixels = g.batch * high * wide;
    const int row0 = blockIdx.x * Shape::ROWS;
    const int column0 = blockIdx.y * Shape::COLUMNS;
    if (row0 >= pixels) return;
    const int length = taps_high > 0 && taps_wide > 0 ? taps_high * taps_wide * g.group_out() : 0;
    const Patches windows{gradient, pixels, high, wide, 1, (phase_row + g.padding) / g.stride,
            (phase_column + g.padding) / g.stride, g.out_height, g.out_width, g.out_channels, group * g.group_out(),
            taps_wide > 0 ? taps_wide : 1, g.group_out(), length, -1};
    const Taps taps{w + static_cast<size_t>(group) * g.group_out() * g.window(), length, g.group_in(), g.group_out(),
            taps_wide > 0 ? taps_wide : 1, tap_row, tap_column, g.stride, g.kernel_height, g.kernel_width};
    multiply_tile<Shape>(ByLines<Shape::ROWS, V, Patches>(windows, row0),
            AcrossLines<Shape::COLUMNS, V, Taps>(taps, column0), 0, length,
            [&](int row, int column, const Pack<Shape::THREAD_COLUMNS>& pack) {
                const int pixel = row0 + row;
                if (pixel >= pixels) return;
                const int image_row = pixel / wide / high * g.height + phase_row + pixel / wide % high * g.stride;
                const size_t at = static_cast<size_t>(image_row) * g.width + phase_column + pixel % wide * g.stride;
                store_row<V>(x + at * g.in_channels + group * g.group_in(), column0 + column, g.group_in(), pack);
            });
}

// Rows are elements of a window, columns output channels, summed are pixels. Each of `splits` parts of the pixels has
// sums of its own, [splits][O][window], `pixels_per_split` being a multiple of DEPTH. Grid (tiles of a window, tiles of
// output channels, groups * splits).
template <class Shape, int V>
__device__ void weight_gradient(
        const float* x, const float* gradient, float* w, const Geometry& g, int splits, int pixels_per_split) {
    const int group = blockIdx.z / splits;
    const int split = blockIdx.z % splits;
    const int row0 = blockIdx.x * Shape::ROWS;
    const int column0 = blockIdx.y * Shape::COLUMNS;
    const int from = split * pixels_per_split;
    const int to = from + pixels_per_split < g.out_pixels() ? from + pixels_per_split : g.out_pixels();
    const Matrix gradients{gradient + group * g.group_out(), g.out_pixels(), g.group_out(), g.out_channels};
    const int window = g.window();
    float* sums = w + (static_cast<size_t>(split) * g.out_channels + group * g.group_out()) * window;
    multiply_tile<Shape>(AcrossLines<Shape::ROWS, V, Patches>(input_windows(g, x, group), row0),
            AcrossLines<Shape::COLUMNS, V, Matrix>(gradients, column0), from, to,
            [&](int row, int column, const Pack<Shape::THREAD_COLUMNS>& pack) {
                if (row0 + row >= window) return;
#pragma unroll
                for (int j = 0; j < Shape::THREAD_COLUMNS; j++) {
                    const int channel = column0 + column + j;
                    if (channel < g.group_out()) sums[static_cast<size_t>(channel) * window + row0 + row] = pack.at[j];
                }
            });
}

#define PIXEL_KERNELS(tile, pack, ...)                                                                              \
    extern "C" __global__ void __launch_bounds__(BLOCK, 2)                                                          \
            convolution_##tile##_##pack(const float* x, const float* w, float* y, GEOMETRY) {                       \
        forward<TileShape<__VA_ARGS__>, pack>(x, w, y, MAKE_GEOMETRY);                                              \
    }                                                                                                               \
    extern "C" __global__ void __launch_bounds__(BLOCK, 2)                                                          \
            convolution_input_gradient_##tile##_##pack(const float* gradient, const float* w, float* x, GEOMETRY) { \
        input_gradient<TileShape<__VA_ARGS__>, pack>(gradient, w, x, MAKE_GEOMETRY);                                \
    }

#define WEIGHT_KERNEL(tile, pack, ...)                                                                          \
    extern "C" __global__ void __launch_bounds__(BLOCK, 2) convolution_weight_gradient_##tile##_##pack(         \
            const float* x, const float* gradient, float* w, GEOMETRY, int splits, int pixels_per_split) {      \
        weight_gradient<TileShape<__VA_ARGS__>, pack>(x, gradient, w, MAKE_GEOMETRY, splits, pixels_per_split); \
    }

// Rows and columns of a block, rows and columns of a thread.
PIXEL_KERNELS(128x64, 4, 128, 64, 8, 4)
PIXEL_KERNELS(128x64, 1, 128, 64, 8, 4)
PIXEL_KERNELS(64x64, 4, 64, 64, 4, 4)
PIXEL_KERNELS(64x64, 1, 64, 64, 4, 4)
PIXEL_KERNELS(128x32, 4, 128, 32, 4, 4)
PIXEL_KERNELS(128x32, 1, 128, 32, 4, 4)
PIXEL_KERNELS(128x16, 4, 128, 16, 4, 2)
PIXEL_KERNELS(128x16, 1, 128, 16, 4, 2)

// Small GEMMs are split along the pixels rather than into smaller tiles.
WEIGHT_KERNEL(128x64, 4, 128, 64, 8, 4)
WEIGHT_KERNEL(128x64, 1, 128, 64, 8, 4)
WEIGHT_KERNEL(128x32, 4, 128, 32, 4, 4)
WEIGHT_KERNEL(128x32, 1, 128, 32, 4, 4)
WEIGHT_KERNEL(128x16, 4, 128, 16, 4, 2)
WEIGHT_KERNEL(128x16, 1, 128, 16, 4, 2)
