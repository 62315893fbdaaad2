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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The embedded target is worth a network: even without pretraining the demo's full network passes what a linear classifier cannot. */
class EmbeddedDifficultyTest {
    private static final double DEMO_WIDTH = 0.5;

    /** A linear classifier stays under 60 %, which is tested beside the data. */
    @Test
    @Tag("slow")
    void theDemosFullNetworkPasses85PerCent() {
        assertThat(accuracyAfter(TrainingPlan.of(10, 64, 0.1, 1))).isGreaterThan(0.85);
    }

    private static double accuracyAfter(TrainingPlan plan) {
        DataSets target = DataSource.open("embedded:target-a");
        assertThat(target.train().size()).isEqualTo(5000);
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            Model start = Model.init(backend, Models.create("resnet20", target.classes(), DEMO_WIDTH), 1);
            Trainer.Data data = new Trainer.Data(target.train(), target.normalisation(), target.augmentation());
            Trainer trainer = new Trainer(backend, plan, data, ProgressListener.NONE);
            Model trained = trainer.train("target", start, ResumeFile.NONE).model();
            return Evaluator.accuracy(backend, trained, target.test(), target.normalisation());
        }
    }
}
