package io.stamp.kernels.op;

import io.stamp.kernels.blas.Blas;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.dnn.Convolver;

/**
 * All that a kernel needs.
 *
 * @param stream takes launches and copies, and has scratch memory
 * @param blas computes matrix products on that stream
 * @param convolver computes convolutions on that stream
 */
public record KernelContext(CudaStream stream, Blas blas, Convolver convolver) {}
