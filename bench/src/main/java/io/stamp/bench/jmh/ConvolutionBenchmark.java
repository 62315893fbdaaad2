package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Convolutions over all channels: forward as in training, with everything that follows it in inference, and both gradients. */
public class ConvolutionBenchmark extends EngineBenchmark {
    /**
     * {@code NxHxWxCxOxKxSTRIDE}: the layers of the full networks; those of narrow ones, ResNet-20 at 0.4 and ResNet-18 at 0.3 among
     * them; steps to the next stage.
     */
    @Param({
        "32x32x32x64x64x3x1",
        "32x16x16x128x128x3x1",
        "32x8x8x256x256x3x1",
        "32x4x4x512x512x3x1",
        "32x2x2x512x512x3x1",
        "32x32x32x16x16x3x1",
        "32x32x32x16x32x3x1",
        "32x32x32x3x64x3x1",
        "32x32x32x3x3x3x1",
        "32x32x32x6x6x3x1",
        "32x16x16x13x13x3x1",
        "32x8x8x26x26x3x1",
        "32x32x32x19x19x3x1",
        "32x16x16x37x37x3x1",
        "32x8x8x77x77x3x1",
        "32x32x32x16x32x3x2",
        "32x32x32x6x13x3x2",
        "32x32x32x16x32x1x2"
    })
    String size;

    private ConvGeometry geometry;
    private Tensor input;
    private Tensor weight;
    private Tensor bias;
    private Tensor gradient;
    private Work work;

    @Override
    void read() {
        geometry = Sizes.convolution(SIZE, size);
    }

    @Override
    void prepare() {
        ConvGeometry g = geometry;
        input = noise(g.batch(), g.height(), g.width(), g.inChannels());
        weight = noise(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
        bias = noise(g.outChannels());
        gradient = noise(g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
        // Each of the four touches input, weights and output, or their gradients; the bias does not count.
        work = Work.of(new Conv2d(g), input, weight);
        measureRoofline(work);
    }

    @Benchmark
    public void forward(Rates rates) {
        run(new Conv2d(geometry), input, weight);
        rates.count(work, roofline());
    }

    @Benchmark
    public void fusedForward(Rates rates) {
        run(new FusedConv2d(geometry, true), input, weight, bias);
        rates.count(work, roofline());
    }

    @Benchmark
    public void inputGradient(Rates rates) {
        run(new Conv2dInputGradient(geometry), gradient, weight);
        rates.count(work, roofline());
    }

    @Benchmark
    public void weightGradient(Rates rates) {
        run(new Conv2dWeightGradient(geometry), input, gradient);
        rates.count(work, roofline());
    }
}
