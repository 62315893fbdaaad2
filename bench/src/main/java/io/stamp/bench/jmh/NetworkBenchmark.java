package io.stamp.bench.jmh;

import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.nn.Network;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.train.Batches;
import io.stamp.train.TrainingStep;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.State;

/**
 * Whole networks of 10 classes. Their roofline assumes that nothing but images, parameters and logits goes through memory, so that it
 * nearly always is the arithmetic.
 */
public class NetworkBenchmark extends EngineBenchmark {
    private static final int CLASSES = 10;
    private static final long SEED = 1;

    /** Small, so that thousands of steps on one batch stay in the range of ordinary numbers. */
    private static final double RATE = 1e-3;

    /** Forward, gradient of the input, gradient of the weights. */
    private static final int TRAINING_PASSES = 3;

    /** {@code NAME:WIDTH}, the width being a factor on all channels. */
    @Param({"resnet20:1", "resnet20:0.4", "resnet18:1", "resnet18:0.3", "vgg19:1", "vgg19:0.3"})
    String network;

    @Param({"64", "1"})
    int batch;

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
    void prepare() {
        model = Model.init(backend(), network(network), SEED);
        inference = model.inference();
        optimiser = new Sgd(new Sgd.Options(0.9, 5e-4, true), model.parameters());
        images = noise(batch, Network.IMAGE_SIZE, Network.IMAGE_SIZE, Network.IMAGE_CHANNELS);
        int[] classes = IntStream.range(0, batch).map(i -> i % CLASSES).toArray();
        labels = Batches.oneHot(backend(), classes, CLASSES, 0);
        Work arithmetic = Work.macs((double) batch * model.network().trace().multiplyAccumulates());
        Work parameters = Work.touching(model.parameters().tensors().toArray(Tensor[]::new));
        Work data = Work.touching(images, labels);
        forward = arithmetic.plus(parameters).plus(data);
        // The optimiser reads and writes parameter and velocity.
        training = arithmetic.times(TRAINING_PASSES).plus(parameters.times(4)).plus(data);
        measureRoofline(forward);
    }

    private static Network network(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 2 || !parts[1].matches("\\d{0,3}\\.?\\d{1,6}")) {
            throw new StampException("-p network=" + text + " is not NAME:WIDTH; write resnet20:0.4.");
        }
        return Models.create(parts[0], CLASSES, Double.parseDouble(parts[1]));
    }

    /** Forward, backward and a step of SGD with momentum. */
    @Benchmark
    public void training(Rates rates, Images answered) {
        TrainingStep.run(model, optimiser, images, labels, RATE);
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
