package io.stamp.method.importance;

import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.train.TrainingPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * What people can set about the training of a method that learns on the target before it chooses.
 *
 * @param epochs over the target's training images
 * @param batch images of a batch
 * @param rate peak learning rate
 */
record TrainingSettings(Setting epochs, Setting batch, Setting rate) {
    /** The usual ones of a method. */
    static TrainingSettings of(String method) {
        return new TrainingSettings(
                Setting.whole(method + ".epochs", 20, 1, "epochs of its training on the target"),
                Setting.whole(method + ".batch", 64, 2, "images of a batch"),
                Setting.real(method + ".rate", 0.05, 1e-9, 1e9, "peak learning rate of its training"));
    }

    /** These and those of the method itself. */
    List<Setting> and(Setting... own) {
        List<Setting> all = new ArrayList<>(List.of(epochs, batch, rate));
        all.addAll(List.of(own));
        return List.copyOf(all);
    }

    TrainingPlan plan(PruningTask task) {
        Settings settings = task.settings();
        return TrainingPlan.of(settings.whole(epochs), settings.whole(batch), settings.real(rate), task.seed());
    }
}
