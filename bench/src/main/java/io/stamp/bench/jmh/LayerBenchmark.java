package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.op.Moments;
import io.stamp.engine.op.Relu;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * What networks are made of: a convolution with batch normalisation and ReLU, and a residual block of two of them, trained and
 * answering; and the linear layer at the end with its loss.
 */
public class LayerBenchmark extends EngineBenchmark {
    private static final double EPSILON = 1e-5;
    private static final int KERNEL = 3;
    private static final int CLASSES = 10;

    /** Forward, gradient of the input, gradient of the weights. */
    private static final int TRAINING_PASSES = 3;

    /** {@code NxSIDExC} of square images. */
    @Param({"64x32x16", "64x8x64", "64x32x6", "64x8x26", "64x16x37", "64x8x256"})
    String size;

    private int[] sizes;
    private Tensor x;
    private Tensor weight;
    private Tensor scale;
    private Tensor shift;
    private Tensor features;
    private Tensor headWeight;
    private Tensor headBias;
    private Tensor labels;
    private Work convolution;
    private Work head;

    @Override
    void read() {
        sizes = Sizes.parse(SIZE, size, "NxSIDExC");
    }

    @Override
    void prepare() {
        int[] s = sizes;
        int channels = s[2];
        x = noise(s[0], s[1], s[1], channels);
        weight = noise(channels, KERNEL, KERNEL, channels);
        scale = noise(channels);
        shift = noise(channels);
        features = noise(s[0], channels);
        headWeight = noise(CLASSES, channels);
        headBias = noise(CLASSES);
        labels = noise(s[0], CLASSES);
        double outputs = x.shape().size();
        convolution = Work.macs(outputs * KERNEL * KERNEL * channels).plus(Work.touching(x, weight, x));
        head = Work.macs((double) s[0] * channels * CLASSES).plus(Work.touching(features, headWeight, labels));
        measureRoofline(convolution);
    }

    private Tensor normalised(Tensor input, Tensor kernel, boolean relu) {
        Tensor y = Conv2d.of(input, kernel, 1, KERNEL / 2, 1);
        return BatchNorm.byBatch(y, scale, shift, Moments.of(y.detach()), EPSILON, relu);
    }

    /** Forward and backward of convolution, batch normalisation and ReLU. */
    @Benchmark
    public void convolutionTraining(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor input = x.leaf();
            Tensor kernel = weight.leaf();
            Autograd.gradients(normalised(input, kernel, true).sum(), List.of(input, kernel));
        }
        rates.count(convolution.times(TRAINING_PASSES), roofline());
    }

    /** The same with running statistics folded into the convolution. */
    @Benchmark
    public void convolutionInference(Rates rates) {
        try (Scope _ = Scope.open()) {
            FusedConv2d.of(x, weight, shift, 1, KERNEL / 2, 1, true);
        }
        rates.count(convolution, roofline());
    }

    @Benchmark
    public void blockTraining(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor input = x.leaf();
            Tensor first = weight.leaf();
            Tensor second = weight.leaf();
            Tensor y = normalised(normalised(input, first, true), second, false);
            Autograd.gradients(Relu.of(y.plus(input)).sum(), List.of(input, first, second));
        }
        rates.count(convolution.times(2 * TRAINING_PASSES), roofline());
    }

    @Benchmark
    public void blockInference(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor y = FusedConv2d.of(x, weight, shift, 1, KERNEL / 2, 1, true);
            FusedConv2d.of(y, weight, shift, x, 1, KERNEL / 2, 1, true);
        }
        rates.count(convolution.times(2), roofline());
    }

    /** The linear layer with softmax cross-entropy, forward and backward. */
    @Benchmark
    public void headTraining(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor input = features.leaf();
            Tensor kernel = headWeight.leaf();
            Tensor loss = Layers.crossEntropy(Layers.linear(input, kernel, headBias), labels);
            Autograd.gradients(loss, List.of(input, kernel));
        }
        rates.count(head.times(TRAINING_PASSES), roofline());
    }
}
