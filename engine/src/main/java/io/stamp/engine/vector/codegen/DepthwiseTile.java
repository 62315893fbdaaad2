package io.stamp.engine.vector.codegen;

/**
 * Micro-kernel of a depthwise convolution: a row of pixels of one vector of channels, with a kernel of a fixed number of positions, all of
 * which stay in registers. {@link DepthwiseCompiler} makes them.
 */
public interface DepthwiseTile {
    /**
     * {@code out[outOffset + p * outStep] = sum over t of in[inOffset + p * inStep + offsets[t]] * kernel[kernelOffset + t * kernelStep]} for
     * each pixel {@code p < count} and each lane; loads are of whole vectors, and the first {@code lanes} lanes are written.
     */
    void row(
            int count,
            int lanes,
            float[] in,
            int inOffset,
            int inStep,
            int[] offsets,
            float[] kernel,
            int kernelOffset,
            int kernelStep,
            float[] out,
            int outOffset,
            int outStep);
}
