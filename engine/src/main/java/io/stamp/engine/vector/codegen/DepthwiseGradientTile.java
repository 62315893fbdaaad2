package io.stamp.engine.vector.codegen;

/**
 * Micro-kernel of the gradient of a depthwise convolution with respect to its weights: one vector of channels of a kernel of a fixed number
 * of positions, whose sums all stay in registers. {@link DepthwiseCompiler} makes them.
 */
public interface DepthwiseGradientTile {
    /**
     * {@code sums[sumOffset + t * sumStep] += sum over p < count of in[inOffset + p * inStep + offsets[t]] * gradients[gradientOffset + p *
     * gradientStep]} for each position t of the kernel and each lane of whole vectors.
     */
    void add(
            int count,
            float[] in,
            int inOffset,
            int inStep,
            int[] offsets,
            float[] gradients,
            int gradientOffset,
            int gradientStep,
            float[] sums,
            int sumOffset,
            int sumStep);
}
