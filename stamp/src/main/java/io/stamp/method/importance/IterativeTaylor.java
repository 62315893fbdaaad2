package io.stamp.method.importance;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import io.stamp.method.TargetTraining;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Taylor pruning in rounds (Molchanov et al., "Pruning Convolutional Neural Networks for Resource Efficient Inference", arXiv 1611.06440,
 * section 2): score the channels by {@code |sum m dL/dm|}, divided by the Euclidean norm of the scores of their group, remove the lowest
 * of all, fine-tune, repeat. Each round brings the cost an equal step closer to the budget; removed channels are masked while the rest
 * is fine-tuned and never come back. Channels that are left score highest, by their last score; those that are removed score below 0, the later
 * the higher, so that a global ranking keeps what the last round left. The network that is cut is the fine-tuned one.
 *
 * <p>The paper removes single feature maps; a round here removes as many as its step of the budget takes.
 */
public final class IterativeTaylor implements Importance {
    private static final int IMAGE_STREAM = 1002;
    private static final int SEED_STREAM = 1003;

    static final Setting ROUNDS = Setting.whole("taylor-iterative.rounds", 10, 1, "times that channels are removed");
    static final Setting STEPS =
            Setting.whole("taylor-iterative.steps", 30, 1, "steps of fine-tuning after each removal");
    static final Setting BATCH = Setting.whole("taylor-iterative.batch", 64, 2, "images of a batch");
    static final Setting BATCHES = Setting.whole(
            "taylor-iterative.batches", 10, 1, "batches of target images that are looked at in each round");
    static final Setting RATE =
            Setting.real("taylor-iterative.rate", 0.01, 1e-9, 1e9, "peak learning rate of the fine-tuning");

    @Override
    public String name() {
        return "taylor-iterative";
    }

    @Override
    public String source() {
        return "after Molchanov et al., arXiv 1611.06440";
    }

    @Override
    public String explanation() {
        return "the channels that are left after the least important ones were removed bit by bit, with fine-tuning between";
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
        return List.of(ROUNDS, STEPS, BATCH, BATCHES, RATE);
    }

    @Override
    public Scores scores(PruningTask task) {
        int rounds = task.settings().whole(ROUNDS);
        Map<String, double[]> gates = GateGradients.ones(task);
        Map<String, double[]> scores = new TreeMap<>();
        gates.forEach((group, values) -> scores.put(group, new double[values.length]));
        TargetTraining.Trained trained = null;
        for (int round = 1; round <= rounds; round++) {
            Model model = trained == null ? task.model() : trained.model();
            update(scores, gates, normalised(task, model, gates));
            remove(scores, gates, plan(task, scores, round, rounds), rounds - round + 1);
            TargetTraining.Trained next = fineTuned(task, model, gates, round, rounds);
            if (trained != null) {
                trained.model().parameters().close();
                trained.model().state().close();
            }
            trained = next;
        }
        return new Scores(scores, trained.model(), Map.of(), Map.of("training_loss", trained.loss()));
    }

    /** The Taylor scores of a masked network, of Euclidean norm 1 in each group. */
    private static Map<String, double[]> normalised(PruningTask task, Model model, Map<String, double[]> gates) {
        Settings settings = task.settings();
        int batch = settings.whole(BATCH);
        long count = (long) batch * settings.whole(BATCHES);
        int[] images = task.sample(IMAGE_STREAM, (int) Math.min(Integer.MAX_VALUE, count));
        Map<String, double[]> scores = GateGradients.meanTimesGate(task, model, gates, images, batch);
        scores.values().forEach(group -> {
            double norm = Math.sqrt(Arrays.stream(group).map(x -> x * x).sum());
            // Where no channel of a group has any influence all are equally unimportant.
            Arrays.setAll(group, k -> norm == 0 ? 0 : Math.abs(group[k]) / norm);
        });
        return scores;
    }

    private static void update(
            Map<String, double[]> scores, Map<String, double[]> gates, Map<String, double[]> latest) {
        scores.forEach(
                (group, own) -> Arrays.setAll(own, k -> gates.get(group)[k] == 0 ? own[k] : latest.get(group)[k]));
    }

    /** What fits the budget of a round; the last one has the task's. */
    private static PruningPlan plan(PruningTask task, Map<String, double[]> scores, int round, int rounds) {
        double last = task.budget().fraction();
        double fraction = last + (1 - last) * (rounds - round) / rounds;
        return new PlanSearch(task.groups())
                .byScores(scores, new Budget(task.budget().kind(), fraction));
    }

    /**
     * Closes the gates of what a plan does not keep.
     *
     * @param roundsLeft this one included; scores of what goes are in {@code [-roundsLeft, 0.5 - roundsLeft]}
     */
    private static void remove(
            Map<String, double[]> scores, Map<String, double[]> gates, PruningPlan plan, int roundsLeft) {
        gates.forEach((group, open) -> {
            Set<Integer> kept = new HashSet<>(plan.kept().get(group));
            for (int k = 0; k < open.length; k++) {
                if (open[k] == 1 && !kept.contains(k)) {
                    open[k] = 0;
                    scores.get(group)[k] = scores.get(group)[k] / 2 - roundsLeft;
                }
            }
        });
    }

    private static TargetTraining.Trained fineTuned(
            PruningTask task, Model model, Map<String, double[]> gates, int round, int rounds) {
        Settings settings = task.settings();
        int steps = settings.whole(STEPS);
        // Other batches in every round.
        long seed = new RandomStream(task.seed(), SEED_STREAM, (long) round << 32).nextBits();
        // An epoch has at least one step.
        TrainingPlan plan = TrainingPlan.of(steps, settings.whole(BATCH), settings.real(RATE), seed);
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> masks = GateGradients.tensors(model, gates).asMap();
            TargetTraining.Trained trained = new TargetTraining(task, plan, 0)
                    .run("fine-tuning, round " + round + " of " + rounds, model, new Masked(masks), steps);
            trained.model().parameters().keptBy(scope);
            trained.model().state().keptBy(scope);
            return trained;
        }
    }

    private record Masked(Map<String, Tensor> masks) implements TargetTraining.Extension {
        @Override
        public Map<String, Tensor> gates(Parameters own, long step) {
            return masks;
        }
    }
}
