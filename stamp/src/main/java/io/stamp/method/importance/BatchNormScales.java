package io.stamp.method.importance;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.PruningTask;
import io.stamp.prune.ChannelGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The batch-norm scales (gamma) that channels pass, whatever the layers of the network are called. */
final class BatchNormScales {
    private static final String SCALE = ".scale";

    private BatchNormScales() {}

    /**
     * The mean of {@code |gamma|} over every batch-norm that a channel passes, for each channel of every prunable group; the mean and not
     * the sum, so that the channels of a residual stage, which pass many, can be ranked together with those that pass one.
     *
     * @throws StampException where the channels of a group pass none
     */
    static Map<String, double[]> magnitudes(PruningTask task, Parameters parameters) {
        Map<String, double[]> byGroup = new TreeMap<>();
        for (ChannelGroup group : task.groups().prunable()) {
            double[] sums = new double[group.size()];
            int[] counts = new int[group.size()];
            for (String scale : names(task, group)) {
                int[] units = task.groups().layout().axes(scale).get(0);
                double[] values = parameters.get(scale).doubles();
                for (int i = 0; i < values.length; i++) {
                    int k = units[i] - group.firstUnit();
                    // A batch-norm after a concatenation serves several groups.
                    if (k >= 0 && k < sums.length) {
                        sums[k] += Math.abs(values[i]);
                        counts[k]++;
                    }
                }
            }
            for (int k = 0; k < sums.length; k++) {
                require(counts[k] > 0, group);
                sums[k] /= counts[k];
            }
            byGroup.put(group.name(), sums);
        }
        return byGroup;
    }

    /** The names of the scales that some prunable channel passes, each once. */
    static List<String> names(PruningTask task) {
        return task.groups().prunable().stream()
                .flatMap(group -> names(task, group).stream())
                .distinct()
                .toList();
    }

    private static List<String> names(PruningTask task, ChannelGroup group) {
        List<String> names = new ArrayList<>();
        for (String layer : group.channelWise()) {
            // Running moments tell a batch-norm from other layers that treat each channel by itself.
            if (task.model().state().contains(layer + ".moments")) {
                names.add(layer + SCALE);
            }
        }
        return names;
    }

    private static void require(boolean there, ChannelGroup group) {
        if (!there) {
            throw new StampException("The channels of the group '" + group.name()
                    + "' pass no batch-norm, so they have no scale to be ranked by; use a method that looks at weights or"
                    + " gradients, such as l1 or taylor.");
        }
    }
}
