package io.stamp.method.importance;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.meta.BetaBernoulli;
import io.stamp.meta.GateDistribution;
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
 * Beta-Bernoulli dropout (Lee et al., "Adaptive Network Sparsification with Dependent Variational Beta-Bernoulli Dropout", arXiv
 * 1805.10896), the variant that does not depend on the input: every channel has a gate z ~ Bernoulli(pi) with the prior pi ~
 * Beta(alpha, 1) and a Kumaraswamy(a, b) posterior; a, b and the weights minimise {@code cross-entropy + KL / N} over the N target
 * images, with z relaxed. The score of a channel is E[pi], and what stays is multiplied by it, as the paper predicts. The paper draws z
 * for each image, here a batch shares it.
 */
public final class BetaBernoulliDropout implements Importance {
    private static final int STREAM = 3001;

    static final Setting EPOCHS = Setting.whole("beta-bernoulli.epochs", 20, 1, "epochs of training with gates");
    static final Setting BATCH = Setting.whole("beta-bernoulli.batch", 64, 2, "images of a batch");
    static final Setting RATE =
            Setting.real("beta-bernoulli.rate", 0.01, 1e-6, 10, "peak learning rate of the weights");
    static final Setting GATE_RATE =
            Setting.real("beta-bernoulli.gate-rate", 0.01, 0, 10, "learning rate of the gates' distributions");
    static final Setting STRENGTH =
            Setting.real("beta-bernoulli.strength", 1, 0, 1e6, "factor on KL / number of target images");
    static final Setting ALPHA = Setting.real(
            "beta-bernoulli.alpha", BetaBernoulli.DEFAULT.alpha(), 1e-12, 1, "the prior is Beta(alpha, 1)");
    static final Setting TEMPERATURE = Setting.real(
            "beta-bernoulli.temperature",
            BetaBernoulli.DEFAULT.temperature(),
            1e-3,
            1e3,
            "temperature of the relaxed gates");

    @Override
    public String name() {
        return "beta-bernoulli";
    }

    @Override
    public String source() {
        return "Lee et al., arXiv 1805.10896";
    }

    @Override
    public String explanation() {
        return "the channels that beta-Bernoulli dropout is likeliest to keep while it trains on the target";
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
        return List.of(EPOCHS, BATCH, RATE, GATE_RATE, STRENGTH, ALPHA, TEMPERATURE);
    }

    @Override
    public Scores scores(PruningTask task) {
        Settings settings = task.settings();
        BetaBernoulli distribution = new BetaBernoulli(settings.real(ALPHA), settings.real(TEMPERATURE));
        int images = task.target().train().size();
        TrainingPlan plan = TrainingPlan.of(
                settings.whole(EPOCHS), Math.min(settings.whole(BATCH), images), settings.real(RATE), task.seed());
        try (Scope scope = Scope.open()) {
            LearntGates extension = new LearntGates(
                    task,
                    distribution,
                    distribution.start(GateDistribution.INITIAL_KEPT),
                    settings.real(STRENGTH) / images,
                    STREAM);
            TargetTraining.Trained trained = new TargetTraining(task, plan, settings.real(GATE_RATE))
                    .run("beta-Bernoulli dropout", task.model(), extension);
            trained.model().parameters().keptBy(scope);
            trained.model().state().keptBy(scope);
            Map<String, double[]> scores = new TreeMap<>();
            Map<String, Tensor> gates = new TreeMap<>();
            trained.own().asMap().forEach((group, raw) -> {
                Tensor expected = scope.keep(distribution.expected(raw));
                gates.put(group, expected);
                scores.put(group, expected.doubles());
            });
            return new Scores(scores, trained.model(), gates, Map.of("training_loss", trained.loss()));
        }
    }
}
