package io.stamp.method.pruner;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.method.TargetTraining;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * edge-popup (Ramanujan et al., "What's Hidden in a Randomly Weighted Neural Network?", arXiv 1911.13299): weights stay as they are and
 * every one has a score; a step computes with the weights of the k highest scores of each layer, and the gradient of a gate goes straight
 * through to its score. The paper's weights are random and its scores start at random; here they are the pretrained ones, whose
 * magnitudes the scores start at unless told otherwise, Adam moves the scores, and the weights that stay are trained afterwards, as with
 * every other method.
 */
public final class EdgePopup implements Pruner {
    private static final int STREAM = 3004;

    static final Setting EPOCHS = Setting.whole("edge-popup.epochs", 10, 1, "epochs of training the scores");
    static final Setting BATCH = Setting.whole("edge-popup.batch", 64, 2, "images of a batch");
    static final Setting RATE =
            Setting.real("edge-popup.rate", 0.01, 0, 10, "learning rate of the scores, which start in [0, 1]");
    static final Setting RANDOM = new Setting(
            "edge-popup.random", 0, 0, 1, true, "1 for scores that start at random, 0 for magnitudes of the weights");

    @Override
    public String name() {
        return "edge-popup";
    }

    @Override
    public String source() {
        return "Ramanujan et al., arXiv 1911.13299";
    }

    @Override
    public String explanation() {
        return "the single weights whose scores win while the weights stay frozen; zeros, the network stays as large as it was";
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
        return List.of(EPOCHS, BATCH, RATE, RANDOM);
    }

    @Override
    public Pruned prune(PruningTask task) {
        Settings settings = task.settings();
        SingleWeights weights = SingleWeights.of(task);
        int batch = Math.min(settings.whole(BATCH), task.target().train().size());
        // The weights stay as they are, so that their rate is never used.
        TrainingPlan plan = TrainingPlan.of(settings.whole(EPOCHS), batch, 1, task.seed());
        SortedMap<String, double[]> kept = new TreeMap<>();
        Map<String, Object> details = new HashMap<>();
        try (Scope _ = Scope.open()) {
            TargetTraining.Trained trained = new TargetTraining(task, plan, settings.real(RATE))
                    .run("edge-popup", task.model(), new Gated(task, weights));
            trained.own()
                    .asMap()
                    .forEach((name, scores) ->
                            kept.put(name, SingleWeights.best(scores.doubles(), count(weights, scores))));
            details.put("training_loss", trained.loss());
        }
        details.putAll(SingleWeights.details(kept));
        return Pruned.weights(task.model(), weights.mask(kept), details);
    }

    /** The same share of every layer, as in the paper. */
    private static int count(SingleWeights weights, Tensor scores) {
        return (int) Math.floor(weights.share() * scores.shape().size());
    }

    /** 1 for the highest scores and 0 for the others, with the gradient of the scores themselves. */
    static Tensor gate(Tensor scores, int count) {
        Tensor hard = Tensor.of(scores.backend(), scores.shape(), SingleWeights.best(scores.doubles(), count));
        return scores.minus(scores.detach()).plus(hard);
    }

    private record Gated(PruningTask task, SingleWeights single) implements TargetTraining.Extension {
        /** The scores, in [0, 1] in every layer. */
        @Override
        public Parameters parameters() {
            boolean random = task.settings().whole(RANDOM) == 1;
            RandomStream stream = new RandomStream(task.seed(), STREAM);
            Map<String, Tensor> scores = new TreeMap<>();
            for (String name : single.costs().keySet()) {
                Tensor weight = task.model().parameters().get(name);
                double[] values = weight.doubles();
                double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
                Arrays.setAll(
                        values,
                        k -> random ? stream.nextUniform() : Math.abs(values[k]) / Math.max(largest, Float.MIN_NORMAL));
                scores.put(name, Tensor.of(weight.backend(), weight.shape(), values));
            }
            return new Parameters(scores);
        }

        @Override
        public boolean trainsWeights() {
            return false;
        }

        @Override
        public Parameters weights(Parameters weights, Parameters own) {
            return weights.mapNamed((name, weight) ->
                    own.contains(name) ? weight.times(gate(own.get(name), count(single, weight))) : weight);
        }
    }
}
