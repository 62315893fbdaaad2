package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Max pooling of windows of two by two, and its gradient. */
public class PoolingBenchmark extends EngineBenchmark {
    private static final int WINDOW = 2;

    /** {@code NxSIDExC} of square images: layers of VGG-19, full and pruned. */
    @Param({"64x32x64", "64x16x128", "64x32x19", "64x8x77"})
    String size;

    private int[] sizes;
    private Tensor x;
    private Tensor gradient;
    private Work forward;
    private Work backward;

    @Override
    void read() {
        sizes = Sizes.parse(SIZE, size, "NxSIDExC");
        Shape images = Shape.of(sizes[0], sizes[1], sizes[1], sizes[2]);
        new MaxPool(WINDOW).shape(List.of(images, images));
    }

    @Override
    void prepare() {
        int[] s = sizes;
        x = noise(s[0], s[1], s[1], s[2]);
        gradient = noise(s[0], s[1] / WINDOW, s[1] / WINDOW, s[2]);
        forward = Work.touching(x, gradient);
        backward = Work.of(new MaxUnpool(WINDOW), gradient, x);
        measureRoofline(backward);
    }

    @Benchmark
    public void forward(Rates rates) {
        run(new MaxPool(WINDOW), x, x);
        rates.count(forward, roofline());
    }

    @Benchmark
    public void backward(Rates rates) {
        run(new MaxUnpool(WINDOW), gradient, x);
        rates.count(backward, roofline());
    }
}
