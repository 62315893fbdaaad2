package io.stamp.engine.vector.convolution;

import io.stamp.engine.vector.runtime.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Innermost loops of the depthwise convolution with kernels of any size: one vector of channels of some neighbouring pixels. Loads may read past the last
 * channel, stores to results are masked. Masked operations have to be few in a method: a dozen are too much for the first
 * just-in-time compiler, which may then keep the method from ever reaching the second.
 */
final class DepthwiseLoops {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;

    private DepthwiseLoops() {}

    /** Four pixels whose windows begin at {@code in[inOffset + pixel * inStep]}, any kernel. */
    static void fourPixels(
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
            int outStep) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int tap = 0; tap < offsets.length; tap++) {
            FloatVector w = FloatVector.fromArray(SPECIES, kernel, kernelOffset + tap * kernelStep);
            int x = inOffset + offsets[tap];
            s0 = FloatVector.fromArray(SPECIES, in, x).fma(w, s0);
            s1 = FloatVector.fromArray(SPECIES, in, x + inStep).fma(w, s1);
            s2 = FloatVector.fromArray(SPECIES, in, x + 2 * inStep).fma(w, s2);
            s3 = FloatVector.fromArray(SPECIES, in, x + 3 * inStep).fma(w, s3);
        }
        VectorMask<Float> mask = SPECIES.indexInRange(0, lanes);
        s0.intoArray(out, outOffset, mask);
        s1.intoArray(out, outOffset + outStep, mask);
        s2.intoArray(out, outOffset + 2 * outStep, mask);
        s3.intoArray(out, outOffset + 3 * outStep, mask);
    }

    /** One pixel, any kernel. */
    static void onePixel(
            int lanes,
            float[] in,
            int inOffset,
            int[] offsets,
            float[] kernel,
            int kernelOffset,
            int kernelStep,
            float[] out,
            int outOffset) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int tap = 0; tap < offsets.length; tap++) {
            FloatVector w = FloatVector.fromArray(SPECIES, kernel, kernelOffset + tap * kernelStep);
            sum = FloatVector.fromArray(SPECIES, in, inOffset + offsets[tap]).fma(w, sum);
        }
        sum.intoArray(out, outOffset, SPECIES.indexInRange(0, lanes));
    }

    /** Adds to the sums of one kernel position the products of {@code count} gradients with an element of their windows. */
    static void gradient(
            int count,
            float[] in,
            int inOffset,
            int inStep,
            float[] gradients,
            int gradientOffset,
            int gradientStep,
            float[] sums,
            int sumOffset) {
        FloatVector even = FloatVector.fromArray(SPECIES, sums, sumOffset);
        FloatVector odd = FloatVector.zero(SPECIES);
        for (int pixel = 1; pixel < count; pixel += 2) {
            int i = inOffset + pixel * inStep;
            int g = gradientOffset + pixel * gradientStep;
            FloatVector y = FloatVector.fromArray(SPECIES, gradients, g - gradientStep);
            even = FloatVector.fromArray(SPECIES, in, i - inStep).fma(y, even);
            y = FloatVector.fromArray(SPECIES, gradients, g);
            odd = FloatVector.fromArray(SPECIES, in, i).fma(y, odd);
        }
        if (count % 2 != 0) {
            FloatVector y = FloatVector.fromArray(SPECIES, gradients, gradientOffset + (count - 1) * gradientStep);
            even = FloatVector.fromArray(SPECIES, in, inOffset + (count - 1) * inStep)
                    .fma(y, even);
        }
        even.add(odd).intoArray(sums, sumOffset);
    }
}
