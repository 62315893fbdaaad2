package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.Moments;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Batch normalisation with ReLU, by the statistics of the batch: no products to speak of, so memory is the limit. */
public class NormalisationBenchmark extends EngineBenchmark {
    private static final double EPSILON = 1e-5;

    /** {@code NxSIDExC} of square images. */
    @Param({"64x32x16", "64x32x64", "64x16x13", "64x8x77", "64x4x512"})
    String size;

    private int[] sizes;
    private final BatchNorm op = new BatchNorm(EPSILON, true, true);
    private Tensor x;
    private Tensor scale;
    private Tensor shift;
    private Tensor moments;
    private Tensor gradient;
    private Work forward;
    private Work backward;

    @Override
    void read() {
        sizes = Sizes.parse(SIZE, size, "NxSIDExC");
    }

    @Override
    void prepare() {
        int[] s = sizes;
        x = noise(s[0], s[1], s[1], s[2]);
        scale = noise(s[2]);
        shift = noise(s[2]);
        moments = Moments.of(x);
        gradient = noise(x.shape().toArray());
        forward = Work.touching(x, x);
        backward = Work.touching(x, gradient, x);
        measureRoofline(backward);
    }

    /** Moments and normalised values: x has to be read and the result written. */
    @Benchmark
    public void forward(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor.apply(op, x, scale, shift, Moments.of(x));
        }
        rates.count(forward, roofline());
    }

    /** Gradients of x, scale and shift. */
    @Benchmark
    public void backward(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor sums = Tensor.apply(new BatchNormSums(op), gradient, x, scale, shift, moments);
            Tensor.apply(new BatchNormInputGradient(op), gradient, x, scale, shift, moments, sums);
        }
        rates.count(backward, roofline());
    }
}
