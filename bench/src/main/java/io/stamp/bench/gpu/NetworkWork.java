package io.stamp.bench.gpu;

import io.stamp.bench.peers.Workload;
import io.stamp.engine.Backend;
import io.stamp.engine.FailedException;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.train.Batches;
import io.stamp.train.RecordedTraining;
import java.util.Arrays;

/** What networks do in the measurements. Tensors belong to the innermost scope of the calls here. */
final class NetworkWork {
    private static final int CLASSES = 10;
    private static final long SEED = 1;

    /** The same as those of the PyTorch script. */
    private static final Sgd.Options MOMENTUM = new Sgd.Options(0.9, 5e-4, true);

    private static final double RATE = 1e-3;

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
        RecordedTraining training = new RecordedTraining(model, new Sgd(MOMENTUM, model.parameters()), batch, graphs);
        int[] labels = new int[batch];
        Arrays.setAll(labels, i -> i % CLASSES);
        training.set(Workload.images(batch), Batches.rows(labels, CLASSES, 0));
        return new Work(() -> training.step(RATE), () -> {
            double loss = training.step(RATE).scalar();
            training.close();
            if (!Double.isFinite(loss)) {
                throw new FailedException("The loss of " + width + " became " + loss + " while it was measured.");
            }
        });
    }

    /** The logits of one batch. */
    static Work inference(Backend backend, Extent.Width width, int batch, boolean graphs) {
        Input images = Input.of(backend, Batches.shape(batch));
        images.set(Workload.images(batch));
        Recording recording = model(backend, width).inference().recorded(images, graphs);
        return new Work(recording::run, recording::close);
    }
}
