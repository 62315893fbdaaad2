package io.stamp.method.pruner;

import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.method.TargetTraining;
import io.stamp.model.Model;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Lottery tickets by iterative magnitude pruning (Frankle and Carbin, "The Lottery Ticket Hypothesis", arXiv 1803.03635; rewinding to
 * weights that are not random after Frankle et al., arXiv 1903.01611): train, remove a share of the weights that are left, those of the
 * smallest magnitude in all layers together, rewind the others to the pretrained start, and again. The share is such that the last round
 * ends at the budget.
 */
public final class LotteryTicket implements Pruner {
    static final Setting ROUNDS = Setting.whole("lottery.rounds", 4, 1, "times that the network is trained and pruned");
    static final Setting EPOCHS = Setting.whole("lottery.epochs", 5, 1, "epochs of training in a round");
    static final Setting BATCH = Setting.whole("lottery.batch", 64, 2, "images of a batch");
    static final Setting RATE = Setting.real("lottery.rate", 0.05, 1e-6, 10, "peak learning rate of a round");

    @Override
    public String name() {
        return "lottery";
    }

    @Override
    public String source() {
        return "Frankle and Carbin, arXiv 1803.03635; Frankle et al., arXiv 1903.01611";
    }

    @Override
    public String explanation() {
        return "the single weights that are largest after training, rewound, in rounds; zeros, the network stays as large as it was";
    }

    @Override
    public boolean removes() {
        return false;
    }

    @Override
    public boolean isStructural() {
        return false;
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS, Need.TRAINING);
    }

    @Override
    public List<Setting> settings() {
        return List.of(ROUNDS, EPOCHS, BATCH, RATE);
    }

    @Override
    public Pruned prune(PruningTask task) {
        Settings settings = task.settings();
        SingleWeights weights = SingleWeights.of(task);
        int batch = Math.min(settings.whole(BATCH), task.target().train().size());
        TrainingPlan plan = TrainingPlan.of(settings.whole(EPOCHS), batch, settings.real(RATE), task.seed());
        TargetTraining training = new TargetTraining(task, plan, 0);
        int rounds = settings.whole(ROUNDS);
        SortedMap<String, double[]> kept = weights.all();
        Map<String, Object> details = new HashMap<>();
        for (int round = 1; round <= rounds; round++) {
            try (Scope _ = Scope.open()) {
                TargetTraining.Trained trained = training.run(
                        "lottery ticket, round " + round + " of " + rounds,
                        task.model(),
                        new Masked(weights.mask(kept)));
                kept = weights.best(magnitudes(trained.model(), kept), weights.allowedAfter(round, rounds));
                details.put("training_loss", trained.loss());
            }
        }
        details.putAll(SingleWeights.details(kept));
        return Pruned.weights(task.model(), weights.mask(kept), details);
    }

    private static SortedMap<String, double[]> magnitudes(Model trained, SortedMap<String, double[]> kept) {
        SortedMap<String, double[]> magnitudes = new TreeMap<>();
        kept.forEach((name, mask) -> {
            double[] weight = trained.parameters().get(name).doubles();
            Arrays.setAll(weight, k -> mask[k] == 1 ? Math.abs(weight[k]) : SingleWeights.NEVER);
            magnitudes.put(name, weight);
        });
        return magnitudes;
    }

    /** Computes with zeros where the mask has them, whatever becomes of the weights there. */
    private record Masked(Parameters mask) implements TargetTraining.Extension {
        @Override
        public Parameters weights(Parameters weights, Parameters own) {
            return weights.mapNamed((name, weight) -> mask.contains(name) ? weight.times(mask.get(name)) : weight);
        }
    }
}
