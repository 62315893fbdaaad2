// The sizes of a convolution as in the engine's ConvGeometry: input [N,H,W,C], weights [O,KH,KW,C/groups], output
// [N,OH,OW,O].
#pragma once
#include "common.cuh"

struct Geometry {
    int batch, height, width, in_channels, out_channels, kernel_height, kernel_width, stride, padding, groups,
            out_height, out_width;

    __device__ int group_in() const { return in_channels / groups; }
    __device__ int group_out() const { return out_channels / groups; }
    __device__ int taps() const { return kernel_height * kernel_width; }
    __device__ int window() const { return taps() * group_in(); }
    __device__ int out_pixels() const { return batch * out_height * out_width; }
};

#define GEOMETRY                                                                                              \
    int batch, int height, int width, int in_channels, int out_channels, int kernel_height, int kernel_width, \
            int stride, int padding, int groups, int out_height, int out_width

#define MAKE_GEOMETRY                                                                                          \
    Geometry {                                                                                                 \
        batch, height, width, in_channels, out_channels, kernel_height, kernel_width, stride, padding, groups, \
                out_height, out_width                                                                          \
    }
