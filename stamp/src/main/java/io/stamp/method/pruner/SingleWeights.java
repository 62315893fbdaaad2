package io.stamp.method.pruner;

import io.stamp.engine.FailedException;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;
import io.stamp.prune.Cost;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * The single weights that unstructured methods may zero, those of convolutions and linear layers but the head's, and how many of them a
 * budget leaves: the weights that are not zero, with everything that cannot be zeroed, cost at most the budget. The network computes with
 * the zeros as before, so that this is what it would cost if they were free.
 */
final class SingleWeights {
    /** A weight of this score never stays. */
    static final double NEVER = Double.NEGATIVE_INFINITY;

    private final Model model;
    private final SortedMap<String, Long> costs;
    private final long total;
    private final long allowed;

    private SingleWeights(Model model, SortedMap<String, Long> costs, long total, long allowed) {
        this.model = model;
        this.costs = Collections.unmodifiableSortedMap(costs);
        this.total = total;
        this.allowed = allowed;
    }

    /**
     * Those of a task's network, within its budget.
     *
     * @throws StampException where there are none, or the budget has no room for any, or is one of latency
     */
    static SingleWeights of(PruningTask task) {
        Cost.Kind kind = task.budget().kind();
        if (kind == Cost.Kind.LATENCY) {
            throw new StampException("The budget " + task.budget()
                    + " cannot be met by zeroing single weights, which saves no time; give " + Cost.Kind.MACS + "=F or "
                    + Cost.Kind.PARAMETERS + "=F.");
        }
        SortedMap<String, Long> costs = task.groups().cost().macsPerWeight();
        costs.keySet().removeAll(task.head().names());
        if (kind == Cost.Kind.PARAMETERS) {
            costs.replaceAll((name, macs) -> 1L);
        }
        long total = 0;
        for (Map.Entry<String, Long> cost : costs.entrySet()) {
            total += cost.getValue()
                    * task.model().parameters().get(cost.getKey()).shape().size();
        }
        long full = task.groups().cost().full().of(kind);
        long allowed = (long) Math.floor(task.budget().fraction() * full) - (full - total);
        if (allowed <= 0) {
            throw new StampException("The budget " + task.budget()
                    + " leaves no weights that could be chosen: what has to stay, such as the head, costs "
                    + (full - total) + " of " + full + " " + kind + "; ask for more.");
        }
        return new SingleWeights(task.model(), costs, total, Math.min(allowed, total));
    }

    /** What a single weight costs, by the parameter that it belongs to. */
    SortedMap<String, Long> costs() {
        return costs;
    }

    /** What the weights that stay may cost. */
    long allowed() {
        return allowed;
    }

    /** The share of the weights' cost that stays. */
    double share() {
        return (double) allowed / total;
    }

    /** What may be left after a part of the way to the budget, by the same share in every step of equal length. */
    long allowedAfter(int step, int steps) {
        return step == steps ? allowed : (long) Math.floor(total * Math.pow(share(), (double) step / steps));
    }

    /** 1 for every weight, by parameter. */
    SortedMap<String, double[]> all() {
        SortedMap<String, double[]> ones = new TreeMap<>();
        for (String name : costs.keySet()) {
            double[] values = new double[model.parameters().get(name).shape().length()];
            Arrays.fill(values, 1);
            ones.put(name, values);
        }
        return ones;
    }

    /** The best of all layers together that cost no more than so much: 1 for those, 0 for the others. */
    SortedMap<String, double[]> best(SortedMap<String, double[]> scores, long mostCost) {
        return best(scores, costs, mostCost);
    }

    /** The best ones of a single layer: 1 for those, 0 for the others. */
    static double[] best(double[] scores, int count) {
        return best(new TreeMap<>(Map.of("", scores)), Map.of("", 1L), count).get("");
    }

    /** Everything above the lowest bar that fits, and of what is level with the bar, in order, what still fits. */
    private static SortedMap<String, double[]> best(
            SortedMap<String, double[]> scores, Map<String, Long> costs, long mostCost) {
        double[] sorted = scores.values().stream()
                .flatMapToDouble(DoubleStream::of)
                .sorted()
                .toArray();
        if (Double.isNaN(sorted[sorted.length - 1])) {
            throw new FailedException("The score of a weight is not a number, so the weights cannot be ranked;"
                    + " train with a lower learning rate.");
        }
        int low = 0;
        int high = sorted.length - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (costAbove(scores, costs, sorted[middle]) <= mostCost) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        double bar = sorted[low];
        long left = mostCost - costAbove(scores, costs, bar);
        SortedMap<String, double[]> kept = new TreeMap<>();
        for (Map.Entry<String, double[]> layer : scores.entrySet()) {
            double[] own = layer.getValue();
            long cost = costs.get(layer.getKey());
            double[] mask = new double[own.length];
            for (int i = 0; i < own.length; i++) {
                boolean level = own[i] == bar && bar != NEVER && cost <= left;
                mask[i] = own[i] > bar || level ? 1 : 0;
                left -= level ? cost : 0;
            }
            kept.put(layer.getKey(), mask);
        }
        return kept;
    }

    private static long costAbove(SortedMap<String, double[]> scores, Map<String, Long> costs, double bar) {
        long cost = 0;
        for (Map.Entry<String, double[]> layer : scores.entrySet()) {
            long above = 0;
            for (double score : layer.getValue()) {
                above += score > bar ? 1 : 0;
            }
            cost += above * costs.get(layer.getKey());
        }
        return cost;
    }

    /** As tensors of the innermost scope. */
    Parameters mask(SortedMap<String, double[]> kept) {
        Map<String, Tensor> mask = new HashMap<>();
        kept.forEach((name, values) -> {
            Shape shape = model.parameters().get(name).shape();
            mask.put(name, Tensor.of(model.backend(), shape, values));
        });
        return new Parameters(mask);
    }

    /** The share of these weights that stays, and how many layers lose all of theirs, which nothing passes any more. */
    static Map<String, Object> details(SortedMap<String, double[]> kept) {
        double sum = 0;
        long count = 0;
        int emptied = 0;
        for (double[] layer : kept.values()) {
            double own = Arrays.stream(layer).sum();
            sum += own;
            count += layer.length;
            emptied += own == 0 ? 1 : 0;
        }
        return Map.of("weights_kept", sum / count, "layers_emptied", emptied);
    }
}
