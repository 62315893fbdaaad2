package io.stamp.method.pruner;

import io.stamp.engine.Scope;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.reconstruction.ErrorSampler;
import io.stamp.method.reconstruction.Lasso;
import io.stamp.method.reconstruction.LeastSquares;
import io.stamp.method.reconstruction.Matrix;
import io.stamp.method.reconstruction.PrunedSoFar;
import io.stamp.method.reconstruction.ReaderSample;
import io.stamp.method.reconstruction.ReaderSampler;
import io.stamp.method.reconstruction.SampleSize;
import io.stamp.method.reconstruction.Targets;
import io.stamp.prune.ChannelGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Selects the channels that the layers reading a group need, by LASSO, and reconstructs those layers' weights:
 * {@code min_{b,W} 1/2N |Y - sum_c b_c X_c W_c^T|^2 + lambda |b|_1} (He, Zhang and Sun, "Channel Pruning for Accelerating Very Deep Neural
 * Networks", arXiv 1707.06168, equation 1 and following). First b, with the trained weights and lambda falling until as many channels are
 * used as are to stay; then W once, by least squares with b = 1, which is the order that the paper takes in practice. Y is what the layers
 * put out in the full network, X what they read in the network as it is by then. The errors of all layers that read a group are added up for
 * the selection; each of them gets its own weights.
 */
public final class LassoSelection implements Pruner {
    private static final SampleSize.Choices SIZE = SampleSize.Choices.of("lasso");
    static final Setting RIDGE =
            Setting.real("lasso.ridge", 1e-2, 1e-9, 1e6, "penalty on changes of weights, relative to the inputs");

    @Override
    public String name() {
        return "lasso";
    }

    @Override
    public String source() {
        return "He et al., arXiv 1707.06168";
    }

    @Override
    public String explanation() {
        return "the channels that LASSO picks to reconstruct the next layers' outputs, and least squares for those layers' weights";
    }

    @Override
    public List<Setting> settings() {
        List<Setting> all = new ArrayList<>(SIZE.all());
        all.add(RIDGE);
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
            Targets targets = (layer, row, output, _) -> outputs.get(layer).get(row, output);
            network.forEachGroup(group -> select(network, group, sampler, errors, squares, targets));
            return network.result(scope, Map.of());
        }
    }

    /** Decides one group and changes the layers that read it. */
    static void select(
            PrunedSoFar network,
            ChannelGroup group,
            ReaderSampler sampler,
            ErrorSampler errors,
            LeastSquares squares,
            Targets targets) {
        List<ReaderSample> samples = sampler.inputs(network.masked(), group.readers());
        Lasso lasso = new Lasso(errors.of(group, samples, network::weights, targets));
        boolean[] keeps = network.keepBest(group, lasso.scores(network.width(group)));
        for (ReaderSample sample : samples) {
            double[] weights = network.weights(sample.layer());
            squares.reconstruct(group, keeps, sample, weights, targets);
            network.replaceWeights(sample.layer(), weights);
        }
    }
}
