package io.stamp.method.importance;

import io.stamp.engine.FailedException;
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
 * SNIP for whole channels: the share that a channel's gate has in the connection sensitivity of the network,
 * {@code |m_k dL/dm_k| / sum_j |m_j dL/dm_j|} at m = 1 on one mini-batch, where the sum is over the channels of all groups (Lee et al.,
 * "SNIP: Single-shot Network Pruning based on Connection Sensitivity", arXiv 1810.02340, section 4.1, with a gate a channel in the place of one a weight).
 * The paper prunes before any training; here the network is the pretrained one, as for every method.
 */
public final class ChannelSnip implements Importance {
    private static final int STREAM = 1001;

    static final Setting BATCH =
            Setting.whole("snip.batch", 128, 2, "target images of the one batch that is looked at");

    @Override
    public String name() {
        return "snip";
    }

    @Override
    public String source() {
        return "after Lee et al., arXiv 1810.02340";
    }

    @Override
    public String explanation() {
        return "the channels that the loss of one batch is most sensitive to";
    }

    @Override
    public String allocation() {
        return "global";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        return List.of(BATCH);
    }

    @Override
    public Scores scores(PruningTask task) {
        int[] images = task.sample(STREAM, task.settings().whole(BATCH));
        Map<String, double[]> scores =
                GateGradients.meanTimesGate(task, task.model(), GateGradients.ones(task), images, images.length);
        double total = scores.values().stream()
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .sum();
        if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
            throw new FailedException("The sensitivities of the loss to the channels sum to " + total
                    + ", so they have no shares; train the backbone before it is pruned.");
        }
        scores.values().forEach(group -> Arrays.setAll(group, k -> Math.abs(group[k]) / total));
        return Scores.of(task, scores);
    }
}
