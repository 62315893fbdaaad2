package io.stamp.method.importance;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.meta.GaussianGates;
import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.method.TargetTraining;
import io.stamp.train.TrainingPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The variational information bottleneck (Dai et al., "Compressing Neural Networks using the Variational Information Bottleneck", arXiv
 * 1802.10399): every channel is multiplied by mu + sigma N(0, 1); mu, sigma and the weights minimise {@code cross-entropy + strength / N
 * * 0.5 sum ln(1 + mu^2 / sigma^2)} over the N target images. The score of a channel is {@code ln mu^2 - ln sigma^2}, where the paper
 * drops those at 0 and below, and what stays is multiplied by mu. The paper draws the noise for each image and weights layers by hand;
 * here a batch shares the noise and layers are equal.
 */
public final class VibNet implements Importance {
    private static final int STREAM = 3002;

    static final Setting EPOCHS = Setting.whole("vibnet.epochs", 20, 1, "epochs of training with gates");
    static final Setting BATCH = Setting.whole("vibnet.batch", 64, 2, "images of a batch");
    static final Setting RATE = Setting.real("vibnet.rate", 0.01, 1e-6, 10, "peak learning rate of the weights");
    static final Setting GATE_RATE =
            Setting.real("vibnet.gate-rate", 0.02, 0, 10, "learning rate of the gates' means and variances");
    static final Setting STRENGTH =
            Setting.real("vibnet.strength", 1, 0, 1e6, "factor on the bottleneck's penalty / number of target images");
    static final Setting LOG_VARIANCE =
            Setting.real("vibnet.log-variance", -5, -20, 0, "ln sigma^2 of the gates at the start, where mu = 1");

    @Override
    public String name() {
        return "vibnet";
    }

    @Override
    public String source() {
        return "Dai et al., arXiv 1802.10399";
    }

    @Override
    public String explanation() {
        return "the channels with most signal for the noise that an information bottleneck allows while it trains on the target";
    }

    @Override
    public String allocation() {
        return "global";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS, Need.TRAINING);
    }

    @Override
    public List<Setting> settings() {
        return List.of(EPOCHS, BATCH, RATE, GATE_RATE, STRENGTH, LOG_VARIANCE);
    }

    @Override
    public Scores scores(PruningTask task) {
        Settings settings = task.settings();
        int images = task.target().train().size();
        TrainingPlan plan = TrainingPlan.of(
                settings.whole(EPOCHS), Math.min(settings.whole(BATCH), images), settings.real(RATE), task.seed());
        try (Scope scope = Scope.open()) {
            LearntGates extension = new LearntGates(
                    task,
                    new GaussianGates(),
                    List.of(1.0, settings.real(LOG_VARIANCE)),
                    settings.real(STRENGTH) / images,
                    STREAM);
            TargetTraining.Trained trained = new TargetTraining(task, plan, settings.real(GATE_RATE))
                    .run("information bottleneck", task.model(), extension);
            trained.model().parameters().keptBy(scope);
            trained.model().state().keptBy(scope);
            Map<String, double[]> scores = new TreeMap<>();
            Map<String, Tensor> gates = new TreeMap<>();
            trained.own().asMap().forEach((group, raw) -> {
                scores.put(group, GaussianGates.logRatio(raw).doubles());
                gates.put(group, scope.keep(GaussianGates.mu(raw)));
            });
            return new Scores(scores, trained.model(), gates, Map.of("training_loss", trained.loss()));
        }
    }
}
