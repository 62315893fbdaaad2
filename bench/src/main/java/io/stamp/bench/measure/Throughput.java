package io.stamp.bench.measure;

import io.stamp.data.ImageSet;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.optim.Sgd;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.train.Batches;
import io.stamp.train.TrainingStep;
import java.util.List;
import java.util.Locale;

/** Images per second that networks train on, or answer, at a batch size; the data lies in the backend's memory already. */
public final class Throughput {
    private static final int STREAM = 0x7490;

    /** Small, so that thousands of steps on one batch stay in the range of ordinary numbers. */
    private static final double RATE = 1e-3;

    private static final Sgd.Options MOMENTUM = new Sgd.Options(0.9, 5e-4, true);

    private Throughput() {}

    /** What the network does with a batch. */
    public enum Mode {
        /** Forward with batch statistics, backward, and a step of SGD with momentum: the very step of training. */
        TRAIN,
        /** The network made ready to answer, until the logits are there. */
        INFER;

        /** As the user writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Images per second; the model is not changed. */
    public static Rate measure(Model model, Mode mode, int batch, Effort effort) {
        return compare(List.of(model), mode, batch, effort).rates().getFirst();
    }

    /** Images per second of several models, measured in turns, and how many times faster than the first one each is. */
    public static Stopwatch.Comparison compare(List<Model> models, Mode mode, int batch, Effort effort) {
        if (batch < 1) {
            throw new StampException("The batch to measure has " + batch + " images; give at least 1.");
        }
        try (Scope _ = Scope.open()) {
            List<Runnable> runs =
                    models.stream().map(model -> run(model, mode, batch)).toList();
            Stopwatch.Comparison steps = new Stopwatch().compare(runs, effort);
            return new Stopwatch.Comparison(
                    steps.rates().stream().map(rate -> rate.times(batch)).toList(), steps.speedUps());
        }
    }

    private static Runnable run(Model model, Mode mode, int batch) {
        return mode == Mode.TRAIN ? training(model, batch) : inference(model, batch);
    }

    private static Runnable training(Model model, int batch) {
        Backend backend = model.backend();
        int classes = model.network().classes();
        Tensor images = images(backend, batch);
        Tensor labels = Batches.oneHot(backend, labels(batch, classes), classes, 0);
        Model copy = new Model(
                model.network(), model.parameters().copies(), model.state().copies());
        Sgd optimiser = new Sgd(MOMENTUM, copy.parameters());
        return () -> {
            double loss = TrainingStep.run(copy, optimiser, images, labels, RATE);
            if (!Double.isFinite(loss)) {
                throw new StampException("The loss became " + loss + " while the training of "
                        + model.network().model()
                        + " was measured, so its speed would mean nothing; is the model trained from a damaged file?");
            }
        };
    }

    private static Runnable inference(Model model, int batch) {
        Tensor images = images(model.backend(), batch);
        Inference inference = model.inference();
        return () -> {
            try (Scope _ = Scope.open()) {
                // Reading the logits is what a user waits for, also where the backend computes in the background.
                inference.logits(images).floats();
            }
        };
    }

    /** Noise with the moments of normalised images, {@code [batch,32,32,3]}. */
    private static Tensor images(Backend backend, int batch) {
        Shape shape = Shape.of(batch, ImageSet.SIDE, ImageSet.SIDE, ImageSet.CHANNELS);
        RandomStream random = new RandomStream(0, STREAM);
        float[] values = new float[shape.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(backend, shape, values);
    }

    private static int[] labels(int batch, int classes) {
        int[] labels = new int[batch];
        for (int i = 0; i < batch; i++) {
            labels[i] = i % classes;
        }
        return labels;
    }
}
