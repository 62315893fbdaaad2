package io.stamp.method.pruner;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Setting;
import io.stamp.model.Model;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * SNIP of single weights (Lee et al., "SNIP: Single-shot Network Pruning based on Connection Sensitivity", arXiv 1810.02340, algorithm 1):
 * the score of a weight w is {@code |w dL/dw|} on one mini-batch, the derivative of the loss by a factor of w; those of all layers are
 * ranked together. The paper does so at fresh weights; the usual setting here is at the pretrained ones, from which training goes on.
 */
public final class SnipWeights implements Pruner {
    private static final int STREAM = 3003;

    static final Setting IMAGES = Setting.whole("snip-weights.images", 128, 2, "target images of the mini-batch");
    static final Setting FRESH = new Setting(
            "snip-weights.fresh", 0, 0, 1, true, "1 for the paper's fresh random weights, 0 for the pretrained ones");

    @Override
    public String name() {
        return "snip-weights";
    }

    @Override
    public String source() {
        return "Lee et al., arXiv 1810.02340";
    }

    @Override
    public String explanation() {
        return "the single weights by which the loss changes most, to first order; zeros, the network stays as large as it was";
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
        return Set.of(Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        return List.of(IMAGES, FRESH);
    }

    @Override
    public Pruned prune(PruningTask task) {
        SingleWeights weights = SingleWeights.of(task);
        Model start = task.settings().whole(FRESH) == 1 ? Scratch.fresh(task) : task.model();
        List<String> names = List.copyOf(weights.costs().keySet());
        SortedMap<String, double[]> kept = weights.best(sensitivities(task, start, names), weights.allowed());
        return Pruned.weights(start, weights.mask(kept), SingleWeights.details(kept));
    }

    private static SortedMap<String, double[]> sensitivities(PruningTask task, Model model, List<String> names) {
        try (Scope _ = Scope.open()) {
            int[] images = task.sample(STREAM, task.settings().whole(IMAGES));
            Parameters leaves = model.parameters().leaves();
            Forward forward = Forward.of(model.network(), leaves, model.state(), BatchNormMode.BATCH);
            Tensor loss = Layers.crossEntropy(forward.logits(task.images(images)), task.labels(images));
            List<Tensor> gradients =
                    Autograd.gradients(loss, names.stream().map(leaves::get).toList());
            SortedMap<String, double[]> products = new TreeMap<>();
            for (int i = 0; i < names.size(); i++) {
                double[] weight = leaves.get(names.get(i)).doubles();
                double[] gradient = gradients.get(i).doubles();
                Arrays.setAll(weight, k -> Math.abs(weight[k] * gradient[k]));
                products.put(names.get(i), weight);
            }
            return products;
        }
    }
}
