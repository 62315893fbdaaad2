package io.stamp.method.importance;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Relu;
import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.method.TargetTraining;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Network slimming (Liu et al., "Learning Efficient Convolutional Networks through Network Slimming", arXiv 1708.06519, equation 1): the
 * full-size network is trained on the target with the cross-entropy plus {@code lambda sum |gamma|} over the batch-norm scales of the
 * channels that may go, then all channels are ranked together by {@code |gamma|}; what stays keeps its trained weights. The gradient
 * of {@code |gamma|} is its sign, and 0 at 0.
 *
 * <p>The paper's lambda is 1e-4 for 160 epochs; a training of a few hundred to a few thousand steps needs more of it to move a scale.
 */
public final class Slimming implements Importance {
    static final TrainingSettings TRAINING = TrainingSettings.of("slimming");
    static final Setting LAMBDA = Setting.real(
            "slimming.lambda", 1e-3, 0, 1e9, "weight of the sum of absolute batch-norm scales in the loss");

    @Override
    public String name() {
        return "slimming";
    }

    @Override
    public String source() {
        return "Liu et al., arXiv 1708.06519";
    }

    @Override
    public String explanation() {
        return "the channels with the largest batch-norm scales after training with a penalty on them";
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
        // An error for a network without batch-norm belongs before the training.
        BatchNormScales.magnitudes(task, task.model().parameters());
        Penalty penalty =
                new Penalty(BatchNormScales.names(task), task.settings().real(LAMBDA));
        TargetTraining.Trained trained = new TargetTraining(task, TRAINING.plan(task), 0)
                .run("training with a penalty on batch-norm scales", task.model(), penalty);
        Map<String, double[]> scores =
                BatchNormScales.magnitudes(task, trained.model().parameters());
        return new Scores(scores, trained.model(), Map.of(), Map.of("training_loss", trained.loss()));
    }

    private record Penalty(List<String> scales, double lambda) implements TargetTraining.Extension {
        @Override
        public List<Tensor> penalties(Parameters weights, Parameters own) {
            return scales.stream()
                    .map(scale -> absolute(weights.get(scale)).sum().times(lambda))
                    .toList();
        }

        private static Tensor absolute(Tensor x) {
            return Relu.of(x).plus(Relu.of(x.times(-1)));
        }
    }
}
