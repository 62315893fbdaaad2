package io.stamp.bench.jmh;

import io.stamp.bench.cli.Sizes;
import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Mean softmax cross-entropy of logits and labels. */
public class LossBenchmark extends EngineBenchmark {
    /** {@code NxCLASSES}. */
    @Param({"64x10", "64x100", "1000x20"})
    String size;

    private int[] sizes;
    private Tensor logits;
    private Tensor labels;
    private Work forward;
    private Work both;

    @Override
    void read() {
        sizes = Sizes.parse(SIZE, size, "NxCLASSES");
    }

    @Override
    void prepare() {
        int[] s = sizes;
        logits = noise(s[0], s[1]);
        labels = Tensor.of(backend(), Shape.of(s[0], s[1]), MeasuredTraining.labels(s[0], s[1]));
        forward = Work.touching(logits, labels);
        both = Work.touching(logits, labels, logits);
        measureRoofline(both);
    }

    @Benchmark
    public void forward(Rates rates) {
        try (Scope _ = Scope.open()) {
            Layers.crossEntropy(logits, labels);
        }
        rates.count(forward, roofline());
    }

    @Benchmark
    public void forwardBackward(Rates rates) {
        try (Scope _ = Scope.open()) {
            Tensor leaf = logits.leaf();
            Autograd.gradients(Layers.crossEntropy(leaf, labels), List.of(leaf));
        }
        rates.count(both, roofline());
    }
}
