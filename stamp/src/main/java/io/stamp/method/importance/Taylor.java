package io.stamp.method.importance;

import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
        Map<String, double[]> scores =
                GateGradients.meanTimesGate(task, task.model(), GateGradients.ones(task), images, batch);
        scores.values().forEach(group -> Arrays.setAll(group, k -> Math.abs(group[k])));
        return Scores.of(task, scores);
    }
}
