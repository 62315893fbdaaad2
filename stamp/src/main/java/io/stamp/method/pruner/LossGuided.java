package io.stamp.method.pruner;

import io.stamp.engine.Scope;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.reconstruction.ErrorSampler;
import io.stamp.method.reconstruction.LeastSquares;
import io.stamp.method.reconstruction.LossWeights;
import io.stamp.method.reconstruction.Matrix;
import io.stamp.method.reconstruction.PrunedSoFar;
import io.stamp.method.reconstruction.ReaderSampler;
import io.stamp.method.reconstruction.SampleSize;
import io.stamp.method.reconstruction.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * LASSO selection and least-squares reconstruction as {@link LassoSelection} has them, with the error of every output weighted by what it
 * means for the classification loss, and with less weight on features that the next stage of pruning removes anyway (Guo, Ouyang and Xu,
 * "Channel Pruning Guided by Classification Loss and Feature Importance", AAAI 2020, arXiv 2003.06757): {@code E = sum_nk v_nk
 * (y_nk - sum_c b_c z_nkc)^2}. The weights here are {@code v_nk = s_k (1 - a + a g_nk^2 / mean g^2)}, g the derivative of the loss by the
 * output, so that at a = 1 the error is that of the loss to first order; s_k is 1 for outputs that are to stay and small for others. The
 * paper's own way to combine the two may differ. Least squares weights a position by the mean over its outputs: with a weight for each
 * output, every filter would need a system of equations of its own.
 */
public final class LossGuided implements Pruner {
    private static final SampleSize.Choices SIZE = SampleSize.Choices.of("cpli");
    static final Setting RIDGE =
            Setting.real("cpli.ridge", 1e-2, 1e-9, 1e6, "penalty on changes of weights, relative to the inputs");
    static final Setting SHARE = Setting.real(
            "cpli.share",
            0.5,
            0,
            1,
            "share of the classification loss in an error's weight; the rest is the same for all");
    static final Setting SUPPRESSION = Setting.real(
            "cpli.suppression", 0.1, 0, 1, "weight of outputs that are removed later on, 1 for the others");

    @Override
    public String name() {
        return "cpli";
    }

    @Override
    public String source() {
        return "after Guo et al., arXiv 2003.06757";
    }

    @Override
    public String explanation() {
        return "as lasso, with errors weighted by the classification loss's gradients and by whether the next layer's channels stay";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        List<Setting> all = new ArrayList<>(SIZE.all());
        all.addAll(List.of(RIDGE, SHARE, SUPPRESSION));
        return all;
    }

    @Override
    public Pruned prune(PruningTask task) {
        try (Scope scope = Scope.open()) {
            SampleSize size = SIZE.in(task.settings());
            ReaderSampler sampler = new ReaderSampler(task, size);
            ErrorSampler errors = new ErrorSampler(size.outputs(), task.seed());
            LeastSquares squares = new LeastSquares(task.settings().real(RIDGE));
            PrunedSoFar network = new PrunedSoFar(task);
            Map<String, Matrix> outputs = sampler.outputs(network.full());
            LossWeights weights = new LossWeights(
                    task.groups(),
                    outputs,
                    sampler.outputGradients(network.full()),
                    task.settings().real(SHARE));
            network.forEachGroup(group -> {
                Targets targets =
                        weights.targets(network, group, task.settings().real(SUPPRESSION));
                LassoSelection.select(network, group, sampler, errors, squares, targets);
            });
            return network.result(scope, Map.of());
        }
    }
}
