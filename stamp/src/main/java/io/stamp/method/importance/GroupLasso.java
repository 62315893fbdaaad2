package io.stamp.method.importance;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Scatter;
import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.method.TargetTraining;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.LayerAxis;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Structured sparsity learning (Wen et al., "Learning Structured Sparsity in Deep Neural Networks", arXiv 1608.03665, section 3, with a
 * group a filter): the full-size network is trained on the target with the cross-entropy plus {@code lambda sum_k sqrt(n_k) |W_k|}, where
 * {@code |W_k|} is the Euclidean norm of all weights of the {@code n_k} filters that make channel k, one but in residual stages; then all
 * channels are ranked together by {@code |W_k| / sqrt(n_k)}. What stays keeps its trained weights.
 *
 * <p>The paper's groups lie in one layer each. The factors are the usual ones for groups of different sizes (Yuan and Lin 2006); without
 * them a channel of a stage would outrank all others for being made by many filters.
 */
public final class GroupLasso implements Importance {
    /** Under the root, which has no derivative at 0; far below the square of any filter that matters. */
    private static final double EPSILON = 1e-12;

    static final TrainingSettings TRAINING = TrainingSettings.of("group-lasso");
    static final Setting LAMBDA =
            Setting.real("group-lasso.lambda", 1e-2, 0, 1e9, "weight of the sum of the filters' norms in the loss");

    @Override
    public String name() {
        return "group-lasso";
    }

    @Override
    public String source() {
        return "Wen et al., arXiv 1608.03665";
    }

    @Override
    public String explanation() {
        return "the channels whose filters have the largest norm after training with a penalty on these norms";
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
        return TRAINING.and(LAMBDA);
    }

    @Override
    public Scores scores(PruningTask task) {
        Penalty penalty = new Penalty(task.groups().prunable(), task.settings().real(LAMBDA));
        TargetTraining.Trained trained = new TargetTraining(task, TRAINING.plan(task), 0)
                .run("training with a penalty on filters", task.model(), penalty);
        Map<String, double[]> scores =
                FilterSums.of(task.groups(), trained.model().parameters(), w -> w * w, Math::sqrt);
        for (ChannelGroup group : task.groups().prunable()) {
            double[] factors = factors(group);
            double[] norms = scores.get(group.name());
            Arrays.setAll(norms, k -> norms[k] / factors[k]);
        }
        return new Scores(scores, trained.model(), Map.of(), Map.of("training_loss", trained.loss()));
    }

    /** For each channel the root of the number of filters that make it. */
    private static double[] factors(ChannelGroup group) {
        double[] counts = new double[group.size()];
        for (LayerAxis producer : group.producers()) {
            Arrays.stream(channels(group, producer)).forEach(k -> counts[k]++);
        }
        return Arrays.stream(counts).map(Math::sqrt).toArray();
    }

    private static int[] channels(ChannelGroup group, LayerAxis producer) {
        return Arrays.stream(producer.units())
                .map(unit -> unit - group.firstUnit())
                .toArray();
    }

    private record Penalty(List<ChannelGroup> groups, double lambda) implements TargetTraining.Extension {
        @Override
        public List<Tensor> penalties(Parameters weights, Parameters own) {
            return groups.stream()
                    .map(group -> weightedNorms(group, weights).sum().times(lambda))
                    .toList();
        }

        private static Tensor weightedNorms(ChannelGroup group, Parameters weights) {
            Tensor squares = squares(group, weights);
            Tensor factors = Tensor.of(squares.backend(), squares.shape(), factors(group));
            return squares.plus(EPSILON).power(0.5).times(factors);
        }

        /** The sum of squared weights of each channel's filters, {@code [size]}. */
        private static Tensor squares(ChannelGroup group, Parameters weights) {
            Tensor sum = null;
            for (LayerAxis producer : group.producers()) {
                Tensor weight = weights.get(producer.layer() + ".weight");
                int filters = producer.units().length;
                Tensor flat = weight.reshape(
                        filters, weight.shape().product(1, weight.shape().rank()));
                Tensor byFilter = flat.times(flat).sum(1).reshape(filters);
                Tensor byChannel = Scatter.of(byFilter, 0, channels(group, producer), group.size());
                sum = sum == null ? byChannel : sum.plus(byChannel);
            }
            return sum;
        }
    }
}
