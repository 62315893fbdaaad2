package io.stamp.method.importance;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.prune.MaskedModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How much the loss changes, to first order, when a channel's gate goes from 1 to 0: {@code |sum m dL/dm|} at m = 1, the sum over all
 * images that are looked at and all layers that read the channel (Molchanov et al., "Pruning Convolutional Neural Networks for Resource
 * Efficient Inference", arXiv 1611.06440, equation 8, with the gate in the place of the feature map). Batch-norm uses the statistics of
 * the batch, since those of the reference data belong to other images.
 */
public final class Taylor implements Importance {
    private static final int STREAM = 301;

    static final Setting BATCHES =
            Setting.whole("taylor.batches", 20, 1, "batches of target images that are looked at");
    static final Setting BATCH = Setting.whole("taylor.batch", 64, 2, "images of a batch");

    @Override
    public String name() {
        return "taylor";
    }

    @Override
    public String source() {
        return "after Molchanov et al., arXiv 1611.06440";
    }

    @Override
    public String explanation() {
        return "the channels without which the loss would change most, to first order";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        return List.of(BATCHES, BATCH);
    }

    @Override
    public Scores scores(PruningTask task) {
        int batch = task.settings().whole(BATCH);
        int[] images = task.sample(STREAM, (int)
                Math.min(Integer.MAX_VALUE, (long) batch * task.settings().whole(BATCHES)));
        Map<String, double[]> sums = new TreeMap<>();
        task.groups().sizes().forEach((group, size) -> sums.put(group, new double[size]));
        // A last batch of one image has no batch statistics to speak of.
        for (int from = 0; from < images.length && (from == 0 || images.length - from > 1); from += batch) {
            add(sums, task, Arrays.copyOfRange(images, from, Math.min(from + batch, images.length)));
        }
        sums.values().forEach(group -> Arrays.setAll(group, k -> Math.abs(group[k]) / images.length));
        return Scores.of(task, sums);
    }

    private static void add(Map<String, double[]> sums, PruningTask task, int[] batch) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> ones = new TreeMap<>();
            sums.forEach(
                    (group, sum) -> ones.put(group, Tensor.filled(task.model().backend(), Shape.of(sum.length), 1)));
            Parameters gates = new Parameters(ones).leaves();
            MaskedModel masked = new MaskedModel(task.groups(), task.model(), gates.asMap());
            Tensor logits = masked.forward(BatchNormMode.BATCH).logits(task.images(batch));
            Tensor loss = Layers.crossEntropy(logits, task.labels(batch));
            List<Tensor> gradients = Autograd.gradients(loss, gates.tensors());
            int number = 0;
            for (double[] sum : sums.values()) {
                double[] gradient = gradients.get(number++).doubles();
                // The loss is the mean over the batch; m = 1.
                Arrays.setAll(sum, k -> sum[k] + batch.length * gradient[k]);
            }
        }
    }
}
