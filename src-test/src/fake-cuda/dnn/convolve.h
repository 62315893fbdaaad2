// The convolutions as plain loops.
#pragma once
#include "cudnn_types.h"

struct ConvolveCall {
    Direction direction;
    Convolution convolution;
    Tensor x, w, y;
    const void *xData, *wData, *yData;
    float alpha, beta;
    void* workspace;
    size_t workspaceBytes;
    // As with sums by atomics: the last bit differs from call to call.
    bool perturbed;
    // Forward only: y = activation(alpha conv + alphaZ z + bias); bias is null without all that.
    const void *bias, *z;
    Tensor zTensor;
    float alphaZ;
    Activation activation;
};

// The work of fakeCudaEnqueue.
int runConvolve(const void* call);
