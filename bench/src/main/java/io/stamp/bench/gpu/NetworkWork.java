package io.stamp.bench.gpu;

import io.stamp.bench.peers.Workload;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.train.Batches;
import io.stamp.train.TrainingStep;
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

    /** A step of training on one batch, the loss read back as training does. */
    static Runnable training(Backend backend, Extent.Width width, int batch) {
        Model model = model(backend, width);
        Sgd optimiser = new Sgd(MOMENTUM, model.parameters());
        Tensor images = images(backend, batch);
        int[] labels = new int[batch];
        Arrays.setAll(labels, i -> i % CLASSES);
        Tensor rows = Batches.oneHot(backend, labels, CLASSES, 0);
        return () -> {
            double loss = TrainingStep.run(model, optimiser, images, rows, RATE);
            if (!Double.isFinite(loss)) {
                throw new StampException("The loss of " + width + " became " + loss + " while it was measured.");
            }
        };
    }

    /** The logits of one batch, left on the device. */
    static Runnable inference(Backend backend, Extent.Width width, int batch) {
        Inference inference = model(backend, width).inference();
        Tensor images = images(backend, batch);
        return () -> {
            try (Scope _ = Scope.open()) {
                inference.logits(images);
            }
        };
    }

    private static Tensor images(Backend backend, int batch) {
        return Batches.images(backend, Workload.images(batch), batch);
    }
}
