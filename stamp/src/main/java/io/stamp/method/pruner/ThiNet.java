package io.stamp.method.pruner;

import io.stamp.engine.Scope;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.method.reconstruction.ErrorSampler;
import io.stamp.method.reconstruction.Matrix;
import io.stamp.method.reconstruction.PrunedSoFar;
import io.stamp.method.reconstruction.QuadraticError;
import io.stamp.method.reconstruction.ReaderSampler;
import io.stamp.method.reconstruction.SampleSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Removes, one after another, the channel without which the sum of what removed channels contributed to the outputs of the layers that read
 * them stays smallest: {@code min_T sum_i (sum_{c in T} z_ic)^2}, T growing greedily (Luo et al., "ThiNet", arXiv 1707.06342, section 3.2).
 * What stays is then multiplied by the factors that least squares finds for it (section 3.2.3). The errors of all layers that read a group
 * are added up, and a channel has one factor for all of them. Groups are pruned in the order of the network, each in the network as it is by
 * then; unlike the paper's, it is not fine-tuned in between.
 */
public final class ThiNet implements Pruner {
    private static final SampleSize.Choices SIZE = SampleSize.Choices.of("thinet");
    static final Setting RIDGE =
            Setting.real("thinet.ridge", 1e-3, 1e-9, 1e6, "penalty on changes of the factors, relative to the inputs");

    @Override
    public String name() {
        return "thinet";
    }

    @Override
    public String source() {
        return "Luo et al., arXiv 1707.06342";
    }

    @Override
    public String explanation() {
        return "the channels without which the next layers' outputs would change most, found greedily and rescaled by least squares";
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
            PrunedSoFar network = new PrunedSoFar(task);
            network.forEachGroup(group -> {
                QuadraticError error = errors.of(
                        group,
                        sampler.inputs(network.masked(), group.readers()),
                        network::weights,
                        (_, _, _, actual) -> actual);
                boolean[] kept = network.keepBest(group, removalOrder(error.products()));
                network.scale(group, error.bestFactors(kept, task.settings().real(RIDGE)));
            });
            return network.result(scope, Map.of());
        }
    }

    /**
     * The step in which each channel is removed.
     *
     * @param products sums of the products of two channels' contributions
     */
    static double[] removalOrder(Matrix products) {
        int size = products.rows();
        double[] order = new double[size];
        boolean[] removed = new boolean[size];
        // What removing a channel adds to the error, given those that are gone.
        double[] increase = new double[size];
        for (int c = 0; c < size; c++) {
            increase[c] = products.get(c, c);
        }
        for (int step = 0; step < size; step++) {
            int least = -1;
            for (int c = 0; c < size; c++) {
                if (!removed[c] && (least < 0 || increase[c] < increase[least])) {
                    least = c;
                }
            }
            removed[least] = true;
            order[least] = step;
            for (int c = 0; c < size; c++) {
                increase[c] += 2 * products.get(c, least);
            }
        }
        return order;
    }
}
