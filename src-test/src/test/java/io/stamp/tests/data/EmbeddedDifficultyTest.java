package io.stamp.tests.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import org.junit.jupiter.api.Test;

/**
 * The embedded target is worth a network: the demo's full network passes 85 % on it even without pretraining, where a linear classifier
 * stays under 60 % (tested beside the data).
 */
class EmbeddedDifficultyTest {
    private static final double DEMO_WIDTH = 0.5;

    @Test
    void theDemosFullNetworkPasses85PerCent() {
        DataSets target = DataSource.open("embedded:target-a");
        assertThat(target.train().size()).isEqualTo(5000);
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            Model start = Model.init(backend, Models.create("resnet20", target.classes(), DEMO_WIDTH), 1);
            Trainer.Data data = new Trainer.Data(target.train(), target.normalisation(), target.augmentation());
            Trainer trainer = new Trainer(backend, TrainingPlan.of(10, 64, 0.1, 1), data, ProgressListener.NONE);
            Model trained = trainer.train("target", start, ResumeFile.NONE).model();
            assertThat(Evaluator.accuracy(backend, trained, target.test(), target.normalisation()))
                    .isGreaterThan(0.85);
        }
    }
}
