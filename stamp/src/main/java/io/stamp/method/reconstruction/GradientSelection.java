package io.stamp.method.reconstruction;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ParameterLayout;
import io.stamp.train.DivergedException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Chooses channels of a group greedily by the gradients of an objective by the weights that read them, beginning with none: those whose
 * part of the gradient is largest come in with their trained weights, then the weights of all that are in are trained for a while.
 */
public final class GradientSelection {
    private final ChannelGroup group;
    private final ParameterLayout layout;
    private final GroupObjective objective;
    private final double rate;
    private final Parameters weights;
    private final Adam adam;
    private final boolean[] chosen;
    private final double[] scores;
    private int count;
    private int steps;

    /** Some tensors are owned by the innermost scope. */
    public GradientSelection(ChannelGroup group, ParameterLayout layout, GroupObjective objective, double rate) {
        this.group = group;
        this.layout = layout;
        this.objective = objective;
        this.rate = rate;
        this.weights = objective.weights().copies();
        this.adam = new Adam(Adam.Options.DEFAULT, weights);
        this.chosen = new boolean[group.size()];
        this.scores = new double[group.size()];
    }

    /** Takes in the channels with the largest gradients, until so many are in. */
    public void choose(int total) {
        double[] norms = gradientNorms();
        double largest = Arrays.stream(norms).max().orElse(0);
        int[] ranking = IntStream.range(0, norms.length)
                .filter(k -> !chosen[k])
                .boxed()
                .sorted(Comparator.comparing((Integer k) -> -norms[k]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int k : ranking) {
            if (count < total) {
                chosen[k] = true;
                scores[k] = 1.0 + group.size() - count++;
            } else {
                scores[k] = largest > 0 ? norms[k] / largest : 0;
            }
        }
    }

    /** The Frobenius norm of the objective's gradient by the weights of each channel, over all layers that read it. */
    private double[] gradientNorms() {
        Map<String, double[]> sums = new TreeMap<>();
        weights.asMap()
                .forEach((name, weight) ->
                        sums.put(name, new double[Math.toIntExact(weight.shape().size())]));
        for (int batch = 0; batch < objective.batches(); batch++) {
            try (Scope _ = Scope.open()) {
                Parameters leaves = masked(weights, chosen).leaves();
                Parameters gradients = gradients(objective.loss(batch, leaves), leaves);
                int images = objective.images(batch);
                sums.forEach((name, sum) -> {
                    double[] gradient = gradients.get(name).doubles();
                    Arrays.setAll(sum, i -> sum[i] + images * gradient[i]);
                });
            }
        }
        double[] norms = new double[group.size()];
        sums.forEach((name, sum) -> {
            int[] units = units(name);
            for (int i = 0; i < sum.length; i++) {
                int channel = units[i % units.length] - group.firstUnit();
                if (channel >= 0 && channel < norms.length) {
                    norms[channel] += sum[i] * sum[i];
                }
            }
        });
        return Arrays.stream(norms).map(Math::sqrt).toArray();
    }

    private Parameters gradients(Tensor loss, Parameters leaves) {
        if (!Double.isFinite(loss.scalar())) {
            throw new DivergedException("The loss of the group '" + group.name() + "' became " + loss.scalar()
                    + " while its channels were chosen; use a lower rate.");
        }
        return leaves.withTensors(Autograd.gradients(loss, leaves.tensors()));
    }

    /** Trains the weights of the channels that are in, one batch a step. */
    public void train(int more) {
        for (int step = 0; step < more; step++) {
            try (Scope _ = Scope.open()) {
                Parameters leaves = weights.leaves();
                Tensor loss = objective.loss(steps++ % objective.batches(), masked(leaves, chosen));
                adam.step(weights, gradients(loss, leaves), rate);
            }
        }
    }

    /** The higher, the earlier a channel came in; below 1 for those that did not. */
    public double[] scores() {
        return scores.clone();
    }

    /** The trained weights by name, 0 for channels that do not stay. */
    public Map<String, double[]> weights(boolean[] keeps) {
        Map<String, double[]> values = new TreeMap<>();
        try (Scope _ = Scope.open()) {
            masked(weights, keeps).asMap().forEach((name, weight) -> values.put(name, weight.doubles()));
        }
        return values;
    }

    private Parameters masked(Parameters from, boolean[] keeps) {
        return from.mapNamed((name, weight) -> weight.times(mask(weight.backend(), units(name), keeps)));
    }

    private Tensor mask(Backend backend, int[] units, boolean[] keeps) {
        double[] mask = Arrays.stream(units)
                .map(unit -> unit - group.firstUnit())
                .mapToDouble(k -> k < 0 || k >= keeps.length || keeps[k] ? 1 : 0)
                .toArray();
        return Tensor.of(backend, Shape.of(mask.length), mask);
    }

    /** Units along the last axis of a weight, that of what the layer reads. */
    private int[] units(String name) {
        return layout.axes(name).lastEntry().getValue();
    }
}
