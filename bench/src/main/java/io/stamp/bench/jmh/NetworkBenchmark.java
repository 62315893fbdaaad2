package io.stamp.bench.jmh;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.bench.measure.RandomValues;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.nn.Network;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.train.TrainingStep;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.State;

/**
 * Whole networks of 10 classes. Their roofline assumes that nothing but images, parameters and logits goes through memory, so that it
 * nearly always is the arithmetic.
 */
public class NetworkBenchmark extends EngineBenchmark {
    private static final long SEED = 1;

    /** Forward, gradient of the input, gradient of the weights. */
    private static final int TRAINING_PASSES = 3;

    /** {@code NAME} or {@code NAME:WIDTH}, the width being a factor on all channels. */
    @Param({"resnet20:1", "resnet20:0.4", "resnet18:1", "resnet18:0.3", "vgg19:1", "vgg19:0.3"})
    String network;

    @Param({"64", "1"})
    int batch;

    private Network architecture;
    private Model model;
    private Inference inference;
    private Sgd optimiser;
    private Tensor images;
    private Tensor labels;
    private Work forward;
    private Work training;

    /** Images a second. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(org.openjdk.jmh.annotations.Scope.Thread)
    public static class Images {
        public long images;
    }

    @Override
    void read() {
        requireAtLeast(1, "-p batch=", batch);
        architecture = NamedNetwork.parse(NETWORK, network).create();
    }

    @Override
    void prepare() {
        model = Model.init(backend(), architecture, SEED);
        inference = model.inference();
        optimiser = new Sgd(MeasuredTraining.OPTIMISER, model.parameters());
        images = RandomValues.images(backend(), architecture.input(), batch);
        int classes = architecture.classes();
        labels = Tensor.of(backend(), Shape.of(batch, classes), MeasuredTraining.labels(batch, classes));
        Work arithmetic = Work.macs((double) batch * model.network().trace().multiplyAccumulates());
        Work parameters = Work.touching(model.parameters().tensors().toArray(Tensor[]::new));
        Work data = Work.touching(images, labels);
        forward = arithmetic.plus(parameters).plus(data);
        // The optimiser reads and writes parameter and velocity.
        training = arithmetic.times(TRAINING_PASSES).plus(parameters.times(4)).plus(data);
        measureRoofline(forward);
    }

    /** Forward, backward and a step of SGD with momentum. */
    @Benchmark
    public void training(Rates rates, Images answered) {
        TrainingStep.run(model, optimiser, images, labels, MeasuredTraining.RATE);
        rates.count(training, roofline());
        answered.images += batch;
    }

    /** Logits by the running statistics. */
    @Benchmark
    public void inference(Rates rates, Images answered) {
        try (Scope _ = Scope.open()) {
            inference.logits(images).floats();
        }
        rates.count(forward, roofline());
        answered.images += batch;
    }
}
