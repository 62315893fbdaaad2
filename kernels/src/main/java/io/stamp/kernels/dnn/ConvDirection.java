package io.stamp.kernels.dnn;

/** The three computations of a convolution. */
public enum ConvDirection {
    FORWARD,
    INPUT_GRADIENT,
    WEIGHT_GRADIENT
}
