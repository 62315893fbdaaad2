package io.stamp.engine.vector.convolution;

import io.stamp.engine.vector.runtime.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Micro-kernels of the depthwise convolution: one vector of channels of some neighbouring pixels. Loads may read past the last
 * channel, stores to results are masked. Masked operations have to be few in a method: a dozen are too much for the first
 * just-in-time compiler, which may then keep the method from ever reaching the second.
 */
final class DepthwiseTile {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;

    private DepthwiseTile() {}

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

    /** A row of pixels with a 3x3 kernel, which stays in registers. */
    static void row3x3(
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
            int outStep) {
        VectorMask<Float> mask = SPECIES.indexInRange(0, lanes);
        FloatVector w0 = FloatVector.fromArray(SPECIES, kernel, kernelOffset);
        FloatVector w1 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + kernelStep);
        FloatVector w2 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 2 * kernelStep);
        FloatVector w3 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 3 * kernelStep);
        FloatVector w4 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 4 * kernelStep);
        FloatVector w5 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 5 * kernelStep);
        FloatVector w6 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 6 * kernelStep);
        FloatVector w7 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 7 * kernelStep);
        FloatVector w8 = FloatVector.fromArray(SPECIES, kernel, kernelOffset + 8 * kernelStep);
        int i0 = inOffset + offsets[0];
        int i1 = inOffset + offsets[1];
        int i2 = inOffset + offsets[2];
        int i3 = inOffset + offsets[3];
        int i4 = inOffset + offsets[4];
        int i5 = inOffset + offsets[5];
        int i6 = inOffset + offsets[6];
        int i7 = inOffset + offsets[7];
        int i8 = inOffset + offsets[8];
        for (int pixel = 0; pixel < count; pixel++) {
            int step = pixel * inStep;
            FloatVector sum = FloatVector.fromArray(SPECIES, in, i0 + step).mul(w0);
            sum = FloatVector.fromArray(SPECIES, in, i1 + step).fma(w1, sum);
            sum = FloatVector.fromArray(SPECIES, in, i2 + step).fma(w2, sum);
            sum = FloatVector.fromArray(SPECIES, in, i3 + step).fma(w3, sum);
            sum = FloatVector.fromArray(SPECIES, in, i4 + step).fma(w4, sum);
            sum = FloatVector.fromArray(SPECIES, in, i5 + step).fma(w5, sum);
            sum = FloatVector.fromArray(SPECIES, in, i6 + step).fma(w6, sum);
            sum = FloatVector.fromArray(SPECIES, in, i7 + step).fma(w7, sum);
            sum = FloatVector.fromArray(SPECIES, in, i8 + step).fma(w8, sum);
            sum.intoArray(out, outOffset + pixel * outStep, mask);
        }
    }

    /** Adds to the sums of a 3x3 kernel the products of {@code count} gradients with the elements of their windows. */
    static void gradient3x3(
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
            int sumStep) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, sumOffset);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, sumOffset + sumStep);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, sumOffset + 2 * sumStep);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, sumOffset + 3 * sumStep);
        FloatVector s4 = FloatVector.fromArray(SPECIES, sums, sumOffset + 4 * sumStep);
        FloatVector s5 = FloatVector.fromArray(SPECIES, sums, sumOffset + 5 * sumStep);
        FloatVector s6 = FloatVector.fromArray(SPECIES, sums, sumOffset + 6 * sumStep);
        FloatVector s7 = FloatVector.fromArray(SPECIES, sums, sumOffset + 7 * sumStep);
        FloatVector s8 = FloatVector.fromArray(SPECIES, sums, sumOffset + 8 * sumStep);
        int i0 = inOffset + offsets[0];
        int i1 = inOffset + offsets[1];
        int i2 = inOffset + offsets[2];
        int i3 = inOffset + offsets[3];
        int i4 = inOffset + offsets[4];
        int i5 = inOffset + offsets[5];
        int i6 = inOffset + offsets[6];
        int i7 = inOffset + offsets[7];
        int i8 = inOffset + offsets[8];
        for (int pixel = 0; pixel < count; pixel++) {
            int step = pixel * inStep;
            FloatVector y = FloatVector.fromArray(SPECIES, gradients, gradientOffset + pixel * gradientStep);
            s0 = FloatVector.fromArray(SPECIES, in, i0 + step).fma(y, s0);
            s1 = FloatVector.fromArray(SPECIES, in, i1 + step).fma(y, s1);
            s2 = FloatVector.fromArray(SPECIES, in, i2 + step).fma(y, s2);
            s3 = FloatVector.fromArray(SPECIES, in, i3 + step).fma(y, s3);
            s4 = FloatVector.fromArray(SPECIES, in, i4 + step).fma(y, s4);
            s5 = FloatVector.fromArray(SPECIES, in, i5 + step).fma(y, s5);
            s6 = FloatVector.fromArray(SPECIES, in, i6 + step).fma(y, s6);
            s7 = FloatVector.fromArray(SPECIES, in, i7 + step).fma(y, s7);
            s8 = FloatVector.fromArray(SPECIES, in, i8 + step).fma(y, s8);
        }
        s0.intoArray(sums, sumOffset);
        s1.intoArray(sums, sumOffset + sumStep);
        s2.intoArray(sums, sumOffset + 2 * sumStep);
        s3.intoArray(sums, sumOffset + 3 * sumStep);
        s4.intoArray(sums, sumOffset + 4 * sumStep);
        s5.intoArray(sums, sumOffset + 5 * sumStep);
        s6.intoArray(sums, sumOffset + 6 * sumStep);
        s7.intoArray(sums, sumOffset + 7 * sumStep);
        s8.intoArray(sums, sumOffset + 8 * sumStep);
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
