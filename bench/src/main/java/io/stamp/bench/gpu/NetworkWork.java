package io.stamp.bench.gpu;

import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.bench.measure.RandomValues;
import io.stamp.engine.Backend;
import io.stamp.engine.FailedException;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.train.RecordedTraining;

/** What networks do in the measurements. Tensors belong to the innermost scope of the calls here. */
final class NetworkWork {
    private static final int CLASSES = 10;
    private static final long SEED = 1;

    private NetworkWork() {}

    static Model model(Backend backend, Extent.Width width) {
        return Model.init(backend, Models.create(width.network(), CLASSES, width.width()), SEED);
    }

    /**
     * Something to repeat.
     *
     * @param step reads nothing back, so that the device is never waited for
     * @param finish checks the results and frees what the steps needed
     */
    record Work(Runnable step, Runnable finish) implements AutoCloseable {
        @Override
        public void close() {
            finish.run();
        }
    }

    /** A step of training on one batch: forward with batch statistics, backward, SGD with momentum. */
    static Work training(Backend backend, Extent.Width width, int batch, boolean graphs) {
        Model model = model(backend, width);
        // The PyTorch script has the same optimiser, rate and labels.
        Sgd optimiser = new Sgd(MeasuredTraining.OPTIMISER, model.parameters());
        RecordedTraining training = new RecordedTraining(model, optimiser, batch, graphs);
        training.set(RandomValues.images(model.network().input(), batch), MeasuredTraining.labels(batch, CLASSES));
        return new Work(() -> training.step(MeasuredTraining.RATE), () -> {
            double loss = training.step(MeasuredTraining.RATE).scalar();
            training.close();
            if (!Double.isFinite(loss)) {
                throw new FailedException("The loss of " + width + " became " + loss + " while it was measured.");
            }
        });
    }

    /** The logits of one batch. */
    static Work inference(Backend backend, Extent.Width width, int batch, boolean graphs) {
        Model model = model(backend, width);
        Input images = Input.of(backend, model.network().input().batch(batch));
        images.set(RandomValues.images(model.network().input(), batch));
        Recording recording = model.inference().recorded(images, graphs);
        return new Work(recording::run, recording::close);
    }
}
