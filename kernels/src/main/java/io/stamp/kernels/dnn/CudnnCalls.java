package io.stamp.kernels.dnn;

import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.bind.CudnnFusedConvolution;
import java.util.List;
import java.util.OptionalLong;

/**
 * The calls of cuDNN that {@link CudnnDnn} makes, whichever binding they use. Handles and descriptors are addresses in the library's
 * memory, arrays are addresses on the device; every status but success is an {@link io.stamp.kernels.bind.CudaException}.
 */
public interface CudnnCalls {
    /** The library with its version, for people. */
    String description();

    /** What the calls go through, for people. */
    String binding();

    /** A handle for the calling thread's context. */
    long create();

    void destroy(long handle);

    void setStream(long handle, long stream);

    /** Describes a dense array {@code [images, height, width, channels]}. */
    long tensor(CudnnType type, int images, int height, int width, int channels);

    void destroyTensor(long descriptor);

    /** Describes dense weights {@code [outputs, height, width, inputs]}. */
    long filter(CudnnType type, int outputs, int height, int width, int inputs);

    void destroyFilter(long descriptor);

    /**
     * Describes a convolution that accumulates in float32.
     *
     * @param math a {@code cudnnMathType_t}
     */
    long convolution(int padding, int stride, int groups, int math);

    void destroyConvolution(long descriptor);

    /** Describes what ends a call that does more than a convolution: ReLU, which may make a number of NaN, or nothing. */
    long activation(boolean relu);

    void destroyActivation(long descriptor);

    /**
     * The algorithms of a direction, the one that cuDNN's heuristic expects to be fastest first; nothing is run.
     * None where the library or the device does not support the convolution.
     */
    List<Algorithm> algorithms(ConvDirection direction, long handle, Descriptors descriptors);

    /** Bytes of device memory that an algorithm needs beside the arrays; empty where it does not do this convolution. */
    OptionalLong workspaceBytes(ConvDirection direction, long handle, Descriptors descriptors, int algorithm);

    /** {@code result = convolution(first, second)}. */
    void run(
            ConvDirection direction,
            long handle,
            Descriptors descriptors,
            int algorithm,
            long first,
            long second,
            long workspace,
            long workspaceBytes,
            long result);

    /** {@code result = activation(convolution(first, second) + residual + bias)}, with a residual unless its address is 0. */
    void runFused(
            long handle,
            CudnnFusedConvolution.Descriptors descriptors,
            int algorithm,
            ConvOperands operands,
            long workspace,
            long workspaceBytes);
}
