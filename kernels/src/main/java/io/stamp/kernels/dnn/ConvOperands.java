package io.stamp.kernels.dnn;

/**
 * Device addresses of dense float32 arrays, in the order of the engine's ops.
 *
 * @param first the input; of an input gradient, the output's gradient
 * @param second the weights; of a weight gradient, the output's gradient
 * @param bias one number an output channel, 0 where the problem has none
 * @param residual of the output's shape, 0 where the problem has none
 * @param result what is written; none of the others
 */
public record ConvOperands(long first, long second, long bias, long residual, long result) {
    /** Of a convolution without anything that follows. */
    public static ConvOperands of(long first, long second, long result) {
        return new ConvOperands(first, second, 0, 0, result);
    }
}
