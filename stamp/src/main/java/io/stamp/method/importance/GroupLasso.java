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
import io.stamp.prune.FilterSums;
import io.stamp.prune.LayerAxis;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Structured sparsity learning (Wen et al., "Learning Structured Sparsity in Deep Neural Networks", arXiv 1608.03665, section 3,
 * with a group a filter): the full-size network is trained on the target with the cross-entropy plus {@code lambda sum_k |W_k|}, where
 * {@code |W_k|} is the Euclidean norm of all weights of all filters that make channel k, then the channels are ranked by that norm;
 * what stays keeps its trained weights.
 *
 * <p>Two things that the paper, whose groups lie in one layer each, does not meet: a channel of a residual stage has the norm of many
 * filters together, and so outranks others in a global ranking; and batch-norm undoes the scale of a filter, so that norms of different layers
 * are comparable by their initialisation and the penalty alone.
 */
public final class GroupLasso implements Importance {
    /** Under the root, which has no derivative at 0; far below the square of any filter that matters. */
    private static final double EPSILON = 1e-12;

    static final TrainingSettings TRAINING = TrainingSettings.of("group-lasso");
    static final Setting LAMBDA =
            Setting.real("group-lasso.lambda", 1e-3, 0, 1e9, "weight of the sum of the filters' norms in the loss");

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
        return new Scores(scores, trained.model(), Map.of(), Map.of("training_loss", trained.loss()));
    }

    private record Penalty(List<ChannelGroup> groups, double lambda) implements TargetTraining.Extension {
        @Override
        public List<Tensor> penalties(Parameters weights, Parameters own) {
            return groups.stream()
                    .map(group -> squares(group, weights)
                            .plus(EPSILON)
                            .power(0.5)
                            .sum()
                            .times(lambda))
                    .toList();
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
                int[] channels = Arrays.stream(producer.units())
                        .map(unit -> unit - group.firstUnit())
                        .toArray();
                Tensor byChannel = Scatter.of(byFilter, 0, channels, group.size());
                sum = sum == null ? byChannel : sum.plus(byChannel);
            }
            return sum;
        }
    }
}
