package io.stamp.train;

import io.stamp.data.Augmentation;
import io.stamp.data.DataSource;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A few images of three classes, and a network that learns them in a blink. */
abstract class TrainingFixture {
    static final int CLASSES = 3;
    static final TrainingPlan PLAN = TrainingPlan.of(3, 8, 0.05, 4);

    @TempDir
    Path folder;

    Backend backend;
    private Scope scope;
    ImageSet images;
    Trainer.Data data;

    @BeforeEach
    void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        images = DataSource.open("embedded:reference?train=12&test=1").train().classSubset(0, 1, 2);
        data = new Trainer.Data(images, Normalisation.of(images), new Augmentation(4, true));
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.maxPool(images, 4);
        x = forward.batchNorm("conv.norm", forward.conv("conv", x, 5, 3, 1), true);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }
}
