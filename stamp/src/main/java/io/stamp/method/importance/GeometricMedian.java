package io.stamp.method.importance;

import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.LayerAxis;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a filter is from the geometric median of its layer (He et al., "Filter Pruning via Geometric Median", arXiv 1811.00250,
 * section 3.3): {@code sum_j |F_k - F_j|}, the Euclidean distances to all other filters of the layer. The filter of the smallest sum is
 * the one that the others replace best. Where several layers share a group, the sum over them.
 */
public final class GeometricMedian implements Importance {
    @Override
    public String name() {
        return "fpgm";
    }

    @Override
    public String source() {
        return "He et al., arXiv 1811.00250";
    }

    @Override
    public String explanation() {
        return "the channels whose filters are farthest from all others of their layer";
    }

    @Override
    public Scores scores(PruningTask task) {
        Map<String, double[]> scores = new TreeMap<>();
        for (ChannelGroup group : task.groups().prunable()) {
            double[] sums = new double[group.size()];
            for (LayerAxis producer : group.producers()) {
                double[] weights = task.model()
                        .parameters()
                        .get(producer.layer() + ".weight")
                        .doubles();
                double[] distances = distances(weights, producer.units().length);
                for (int i = 0; i < distances.length; i++) {
                    sums[producer.units()[i] - group.firstUnit()] += distances[i];
                }
            }
            scores.put(group.name(), sums);
        }
        return Scores.of(task, scores);
    }

    /** For each of the filters, which lie one after another, the sum of its distances to the others. */
    private static double[] distances(double[] weights, int filters) {
        int size = weights.length / filters;
        double[] sums = new double[filters];
        for (int i = 0; i < filters; i++) {
            for (int j = 0; j < i; j++) {
                double distance = distance(weights, i * size, j * size, size);
                sums[i] += distance;
                sums[j] += distance;
            }
        }
        return sums;
    }

    private static double distance(double[] weights, int a, int b, int size) {
        double sum = 0;
        for (int k = 0; k < size; k++) {
            double difference = weights[a + k] - weights[b + k];
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }
}
