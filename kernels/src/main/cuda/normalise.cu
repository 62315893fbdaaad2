// Batch normalisation of rows of channels. All passes compute (x - mean) * slope + shift the same way, so that they
// agree on where a ReLU is open. Every pass reads its tensors once.
#include "columns.cuh"

__device__ inline float inverse_deviation(float variance, float epsilon) {
    return 1.0f / sqrtf(variance + epsilon);
}

// What normalises the columns of one thread. Moments are [2, C]: means, then variances.
template <int V>
struct Normaliser {
    float mean[V];
    float slope[V];
    float shift[V];

    __device__ Normaliser(const ColumnWalk<V>& walk, int columns, const float* scales, const float* shifts,
            const float* moments, float epsilon) {
#pragma unroll
        for (int j = 0; j < V; j++) {
            const int c = walk.column[j];
            mean[j] = moments[c];
            slope[j] = scales[c] * inverse_deviation(moments[columns + c], epsilon);
            shift[j] = shifts[c];
        }
    }

    __device__ float operator()(float x, int j) const { return fmaf(x - mean[j], slope[j], shift[j]); }
};

// A pack of the output gradient and of the input at the same place.
template <int V>
struct GradientAndInput {
    Pack<V> gradient;
    Pack<V> input;
};

template <int V>
__device__ void moments_of_columns(
        const float* __restrict__ x, float* __restrict__ moments, double* partial, ColumnSizes sizes) {
    constexpr int SAMPLES = 4;
    const ColumnWalk<V> walk(sizes);
    // Sums are taken of the distances from a point near the mean, so that the variance does not cancel.
    float near[V];
#pragma unroll
    for (int j = 0; j < V; j++) {
        near[j] = 0;
#pragma unroll
        for (int i = 0; i < SAMPLES; i++) {
            const size_t row = static_cast<size_t>(sizes.rows) * i / SAMPLES;
            near[j] += x[row * sizes.columns + walk.column[j]] / SAMPLES;
        }
    }
    ColumnNumbers<V, 2> sums = {};
    walk.over([=](unsigned i, int count) { return load_first<V>(x + i, count); },
            [&](const Pack<V>& pack, unsigned, int count) {
#pragma unroll
                for (int j = 0; j < V; j++) {
                    const float distance = j < count ? pack.at[j] - near[j] : 0.0f;
                    sums.at[0][j] += distance;
                    sums.at[1][j] = fmaf(distance, distance, sums.at[1][j]);
                }
            });
    const int columns = sizes.columns;
    const int rows = sizes.rows;
    sum_columns(sums, sizes, partial, [=](int column, const double* totals) {
        float point = 0;
        for (int i = 0; i < SAMPLES; i++) {
            point += x[static_cast<size_t>(rows) * i / SAMPLES * columns + column] / SAMPLES;
        }
        const double distance = totals[0] / rows;
        const double variance = totals[1] / rows - distance * distance;
        moments[column] = static_cast<float>(point + distance);
        moments[columns + column] = variance > 0 ? static_cast<float>(variance) : 0.0f;
    });
}

// Mean and biased variance of every column.
extern "C" __global__ void moments_4(const float* x, float* moments, double* partial, COLUMN_SIZES) {
    moments_of_columns<4>(x, moments, partial, MAKE_COLUMN_SIZES);
}

extern "C" __global__ void moments_1(const float* x, float* moments, double* partial, COLUMN_SIZES) {
    moments_of_columns<1>(x, moments, partial, MAKE_COLUMN_SIZES);
}

template <int V>
__device__ void normalise(const float* __restrict__ x, const float* scales, const float* shifts, const float* moments,
        float* __restrict__ y, float epsilon, int relu, ColumnSizes sizes) {
    const ColumnWalk<V> walk(sizes);
    const Normaliser<V> normaliser(walk, sizes.columns, scales, shifts, moments, epsilon);
    walk.over([=](unsigned i, int count) { return load_first<V>(x + i, count); },
            [=](Pack<V> pack, unsigned i, int count) {
#pragma unroll
                for (int j = 0; j < V; j++) {
                    const float value = normaliser(pack.at[j], j);
                    pack.at[j] = relu ? rectified(value) : value;
                }
                store_first<V>(y + i, pack, count);
            });
}

extern "C" __global__ void batch_norm_4(const float* x, const float* scales, const float* shifts, const float* moments,
        float* y, float epsilon, int relu, COLUMN_SIZES) {
    normalise<4>(x, scales, shifts, moments, y, epsilon, relu, MAKE_COLUMN_SIZES);
}

extern "C" __global__ void batch_norm_1(const float* x, const float* scales, const float* shifts, const float* moments,
        float* y, float epsilon, int relu, COLUMN_SIZES) {
    normalise<1>(x, scales, shifts, moments, y, epsilon, relu, MAKE_COLUMN_SIZES);
}

// The output gradient where the ReLU was open, else 0.
template <int V>
__device__ inline float open_gradient(
        const GradientAndInput<V>& pack, int j, const Normaliser<V>& normaliser, int relu) {
    return !relu || normaliser(pack.input.at[j], j) > 0 ? pack.gradient.at[j] : 0.0f;
}

template <int V>
__device__ void gradient_sums(const float* __restrict__ gradient, const float* __restrict__ x, const float* scales,
        const float* shifts, const float* moments, float* __restrict__ out, double* partial, float epsilon, int relu,
        ColumnSizes sizes) {
    const ColumnWalk<V> walk(sizes);
    const Normaliser<V> normaliser(walk, sizes.columns, scales, shifts, moments, epsilon);
    ColumnNumbers<V, 2> sums = {};
    walk.over(
            [=](unsigned i, int count) {
                return GradientAndInput<V>{load_first<V>(gradient + i, count), load_first<V>(x + i, count)};
            },
            [&](const GradientAndInput<V>& pack, unsigned, int) {
#pragma unroll
                for (int j = 0; j < V; j++) {
                    const float open = open_gradient(pack, j, normaliser, relu);
                    sums.at[0][j] += open;
                    sums.at[1][j] = fmaf(pack.input.at[j] - normaliser.mean[j], open, sums.at[1][j]);
                }
            });
    const int columns = sizes.columns;
    sum_columns(sums, sizes, partial, [=](int column, const double* totals) {
        out[column] = static_cast<float>(totals[0]);
        out[columns + column] = static_cast<float>(totals[1] * inverse_deviation(moments[columns + column], epsilon));
    });
}

// Sums of the gradient, and of the gradient times the normalised input.
extern "C" __global__ void batch_norm_sums_4(const float* gradient, const float* x, const float* scales,
        const float* shifts, const float* moments, float* out, double* partial, float epsilon, int relu, COLUMN_SIZES) {
    gradient_sums<4>(gradient, x, scales, shifts, moments, out, partial, epsilon, relu, MAKE_COLUMN_SIZES);
}

extern "C" __global__ void batch_norm_sums_1(const float* gradient, const float* x, const float* scales,
        const float* shifts, const float* moments, float* out, double* partial, float epsilon, int relu, COLUMN_SIZES) {
    gradient_sums<1>(gradient, x, scales, shifts, moments, out, partial, epsilon, relu, MAKE_COLUMN_SIZES);
}

// slope * gradient + factor * (x - mean) + constant; the last two are 0 where the moments are constants (per_row = 0).
template <int V>
__device__ void normalisation_gradient(const float* __restrict__ gradient, const float* __restrict__ x,
        const float* scales, const float* shifts, const float* moments, const float* sums, float* __restrict__ out,
        float epsilon, int relu, float per_row, ColumnSizes sizes) {
    const ColumnWalk<V> walk(sizes);
    const Normaliser<V> normaliser(walk, sizes.columns, scales, shifts, moments, epsilon);
    float factor[V];
    float constant[V];
#pragma unroll
    for (int j = 0; j < V; j++) {
        const int c = walk.column[j];
        const float inverse = inverse_deviation(moments[sizes.columns + c], epsilon);
        factor[j] = -normaliser.slope[j] * inverse * sums[sizes.columns + c] * per_row;
        constant[j] = -normaliser.slope[j] * sums[c] * per_row;
    }
    walk.over(
            [=](unsigned i, int count) {
                return GradientAndInput<V>{load_first<V>(gradient + i, count), load_first<V>(x + i, count)};
            },
            [=](const GradientAndInput<V>& pack, unsigned i, int count) {
                Pack<V> result;
#pragma unroll
                for (int j = 0; j < V; j++) {
                    const float through_moments = fmaf(pack.input.at[j] - normaliser.mean[j], factor[j], constant[j]);
                    result.at[j] = fmaf(open_gradient(pack, j, normaliser, relu), normaliser.slope[j], through_moments);
                }
                store_first<V>(out + i, result, count);
            });
}

extern "C" __global__ void batch_norm_input_gradient_4(const float* gradient, const float* x, const float* scales,
        const float* shifts, const float* moments, const float* sums, float* out, float epsilon, int relu,
        float per_row, COLUMN_SIZES) {
    normalisation_gradient<4>(
            gradient, x, scales, shifts, moments, sums, out, epsilon, relu, per_row, MAKE_COLUMN_SIZES);
}

extern "C" __global__ void batch_norm_input_gradient_1(const float* gradient, const float* x, const float* scales,
        const float* shifts, const float* moments, const float* sums, float* out, float epsilon, int relu,
        float per_row, COLUMN_SIZES) {
    normalisation_gradient<1>(
            gradient, x, scales, shifts, moments, sums, out, epsilon, relu, per_row, MAKE_COLUMN_SIZES);
}
