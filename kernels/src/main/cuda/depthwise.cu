// Convolutions whose groups have one input channel each: weights [O,KH,KW,1], and O / C output channels for every input
// channel. A thread computes a run of neighbouring pixels of V channels, for which it reads each weight once; V is 4
// where O = C.
#include "columns.cuh"
#include "geometry.cuh"

constexpr int RUN = 4;

// Calls body(first channel, image and row, first column) for the runs of a grid of images.
template <int V, class Body>
__device__ void over_runs(int rows, int columns, int channels, Body body) {
    const unsigned packs = channels / V;
    const unsigned runs = (columns + RUN - 1) / RUN;
    const unsigned count = rows * runs * packs;
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const unsigned at = i / packs;
        body(static_cast<int>(i % packs * V), static_cast<int>(at / runs), static_cast<int>(at % runs * RUN));
    }
}

template <int V>
__device__ inline void store_run(
        float* images, int row, int column0, int columns, int channels, int channel, const Pack<V> (&run)[RUN]) {
#pragma unroll
    for (int r = 0; r < RUN; r++) {
        if (column0 + r < columns) {
            store<V>(images + (static_cast<size_t>(row) * columns + column0 + r) * channels + channel, run[r]);
        }
    }
}

template <int V>
__device__ void depthwise(
        const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y, const Geometry& g) {
    const int taps = g.taps();
    over_runs<V>(g.batch * g.out_height, g.out_width, g.out_channels, [=](int channel, int row, int column0) {
        const int image = row / g.out_height;
        const int top = (row - image * g.out_height) * g.stride - g.padding;
        const int in_channel = V > 1 ? channel : channel / g.group_out();
        Pack<V> sums[RUN] = {};
        for (int tap = 0; tap < taps; tap++) {
            const int in_row = top + tap / g.kernel_width;
            if (in_row < 0 || in_row >= g.height) continue;
            const int left = column0 * g.stride - g.padding + tap % g.kernel_width;
            const float* from =
                    x + (static_cast<size_t>(image) * g.height + in_row) * g.width * g.in_channels + in_channel;
            Pack<V> weights;
#pragma unroll
            for (int j = 0; j < V; j++) weights.at[j] = w[(channel + j) * taps + tap];
#pragma unroll
            for (int r = 0; r < RUN; r++) {
                const int in_column = left + r * g.stride;
                if (in_column < 0 || in_column >= g.width) continue;
                const Pack<V> pack = load<V>(from + in_column * g.in_channels);
#pragma unroll
                for (int j = 0; j < V; j++) sums[r].at[j] = fmaf(pack.at[j], weights.at[j], sums[r].at[j]);
            }
        }
        store_run<V>(y, row, column0, g.out_width, g.out_channels, channel, sums);
    });
}

extern "C" __global__ void depthwise_4(const float* x, const float* w, float* y, GEOMETRY) {
    depthwise<4>(x, w, y, MAKE_GEOMETRY);
}

extern "C" __global__ void depthwise_1(const float* x, const float* w, float* y, GEOMETRY) {
    depthwise<1>(x, w, y, MAKE_GEOMETRY);
}

// The output coordinate whose window has the input coordinate `in + padding` at this tap; negative if there is none.
__device__ inline int output_of(int padded, int tap, int stride) {
    const int distance = padded - tap;
    if (stride == 1) return distance;
    return distance >= 0 && distance % stride == 0 ? distance / stride : -1;
}

template <int V>
__device__ void depthwise_gradient(
        const float* __restrict__ gradient, const float* __restrict__ w, float* __restrict__ x, const Geometry& g) {
    const int taps = g.taps();
    const int multiplier = V > 1 ? 1 : g.group_out();
    over_runs<V>(g.batch * g.height, g.width, g.in_channels, [=](int channel, int row, int column0) {
        const int image = row / g.height;
        const int padded_row = row - image * g.height + g.padding;
        Pack<V> sums[RUN] = {};
        for (int tap = 0; tap < taps; tap++) {
            const int out_row = output_of(padded_row, tap / g.kernel_width, g.stride);
            if (out_row < 0 || out_row >= g.out_height) continue;
            const float* from =
                    gradient + (static_cast<size_t>(image) * g.out_height + out_row) * g.out_width * g.out_channels;
            for (int m = 0; m < multiplier; m++) {
                const int out_channel = channel * multiplier + m;
                Pack<V> weights;
#pragma unroll
                for (int j = 0; j < V; j++) weights.at[j] = w[(out_channel + j) * taps + tap];
#pragma unroll
                for (int r = 0; r < RUN; r++) {
                    const int out_column = output_of(column0 + r + g.padding, tap % g.kernel_width, g.stride);
                    if (out_column < 0 || out_column >= g.out_width) continue;
                    const Pack<V> pack = load<V>(from + out_column * g.out_channels + out_channel);
#pragma unroll
                    for (int j = 0; j < V; j++) sums[r].at[j] = fmaf(pack.at[j], weights.at[j], sums[r].at[j]);
                }
            }
        }
        store_run<V>(x, row, column0, g.width, g.in_channels, channel, sums);
    });
}

extern "C" __global__ void depthwise_input_gradient_4(const float* gradient, const float* w, float* x, GEOMETRY) {
    depthwise_gradient<4>(gradient, w, x, MAKE_GEOMETRY);
}

extern "C" __global__ void depthwise_input_gradient_1(const float* gradient, const float* w, float* x, GEOMETRY) {
    depthwise_gradient<1>(gradient, w, x, MAKE_GEOMETRY);
}

// Sums over the output's pixels, for nine taps from `tap0` on at a time: columns are output channels.
extern "C" __global__ void depthwise_weight_gradient(const float* __restrict__ x, const float* __restrict__ gradient,
        float* __restrict__ w, double* partial, int tap0, GEOMETRY, COLUMN_SIZES) {
    constexpr int TAPS = 9;
    const Geometry g = MAKE_GEOMETRY;
    const ColumnSizes sizes = MAKE_COLUMN_SIZES;
    const ColumnWalk<1> walk(sizes);
    const int channel = walk.column[0] / g.group_out();
    const int taps = g.taps();
    ColumnNumbers<1, TAPS> sums = {};
    walk.over([=](unsigned i, int) { return load<1>(gradient + i); },
            [&](const Pack<1>& pack, unsigned i, int) {
                const int pixel = i / g.out_channels;
                const int row = pixel / g.out_width;
                const int image = row / g.out_height;
                const int left = (pixel - row * g.out_width) * g.stride - g.padding;
                const int top = (row - image * g.out_height) * g.stride - g.padding;
#pragma unroll
                for (int t = 0; t < TAPS; t++) {
                    const int in_row = top + (tap0 + t) / g.kernel_width;
                    const int in_column = left + (tap0 + t) % g.kernel_width;
                    const bool inside = in_row >= 0 && in_row < g.height && in_column >= 0 && in_column < g.width;
                    if (tap0 + t < taps && inside) {
                        const size_t at = (static_cast<size_t>(image) * g.height + in_row) * g.width + in_column;
                        sums.at[t][0] = fmaf(pack.at[0], x[at * g.in_channels + channel], sums.at[t][0]);
                    }
                }
            });
    sum_columns(sums, sizes, partial, [=](int column, const double* totals) {
        for (int t = 0; t < TAPS && tap0 + t < taps; t++) w[column * taps + tap0 + t] = static_cast<float>(totals[t]);
    });
}
