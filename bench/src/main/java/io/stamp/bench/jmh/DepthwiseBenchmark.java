package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Convolutions of each channel with a kernel of its own. */
public class DepthwiseBenchmark extends EngineBenchmark {
    /** {@code NxHxWxCxKxSTRIDE}: layers of the MobileNet, full and pruned. */
    @Param({
        "32x32x32x32x3x1",
        "32x32x32x64x3x2",
        "32x16x16x128x3x1",
        "32x8x8x256x3x1",
        "32x16x16x37x3x1",
        "32x16x16x37x5x2"
    })
    String size;

    private ConvGeometry geometry;
    private Tensor input;
    private Tensor weight;
    private Tensor gradient;
    private Work work;

    @Override
    void read() {
        geometry = Sizes.depthwise(SIZE, size);
    }

    @Override
    void prepare() {
        ConvGeometry g = geometry;
        input = noise(g.batch(), g.height(), g.width(), g.inChannels());
        weight = noise(g.inChannels(), g.kernelHeight(), g.kernelWidth(), 1);
        gradient = noise(g.batch(), g.outHeight(), g.outWidth(), g.inChannels());
        work = Work.of(new Conv2d(geometry), input, weight);
        measureRoofline(work);
    }

    @Benchmark
    public void forward(Rates rates) {
        run(new Conv2d(geometry), input, weight);
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
