// What follows a convolution in inference: y = f(y + bias + residual), in place, column by column.
#include "columns.cuh"

template <int V>
struct ValueAndResidual {
    Pack<V> value;
    Pack<V> residual;
};

// No residual where its pointer is null.
template <int V>
__device__ void convolution_epilogue(float* y, const float* bias, const float* residual, int relu, ColumnSizes sizes) {
    const ColumnWalk<V> walk(sizes);
    float added[V];
#pragma unroll
    for (int j = 0; j < V; j++) added[j] = bias[walk.column[j]];
    walk.over(
            [=](unsigned i, int count) {
                return ValueAndResidual<V>{load_first<V>(y + i, count),
                        residual == nullptr ? Pack<V>{} : load_first<V>(residual + i, count)};
            },
            [=](const ValueAndResidual<V>& pack, unsigned i, int count) {
                Pack<V> result;
#pragma unroll
                for (int j = 0; j < V; j++) {
                    const float value = pack.value.at[j] + added[j] + pack.residual.at[j];
                    result.at[j] = relu ? rectified(value) : value;
                }
                store_first<V>(y + i, result, count);
            });
}

extern "C" __global__ void convolution_epilogue_4(
        float* y, const float* bias, const float* residual, int relu, COLUMN_SIZES) {
    convolution_epilogue<4>(y, bias, residual, relu, MAKE_COLUMN_SIZES);
}

extern "C" __global__ void convolution_epilogue_1(
        float* y, const float* bias, const float* residual, int relu, COLUMN_SIZES) {
    convolution_epilogue<1>(y, bias, residual, relu, MAKE_COLUMN_SIZES);
}
