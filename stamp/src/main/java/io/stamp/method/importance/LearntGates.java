package io.stamp.method.importance;

import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.GateDistribution;
import io.stamp.method.PruningTask;
import io.stamp.method.TargetTraining;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A distribution over the gate of each channel, learnt along with the weights: the loss of a step is that with gates drawn for it, plus
 * the weighted divergence of their distributions from the prior. A gate is drawn once a step for the whole batch.
 *
 * @param start the raw numbers of every channel at the start, see {@link GateDistribution#start}
 * @param weight of the divergence, which is summed over all channels
 * @param stream of the random numbers
 */
record LearntGates(PruningTask task, GateDistribution distribution, List<Double> start, double weight, int stream)
        implements TargetTraining.Extension {

    /** Raw numbers {@code [k, size]} by group. */
    @Override
    public Parameters parameters() {
        Map<String, Tensor> raw = new TreeMap<>();
        task.groups().sizes().forEach((group, size) -> {
            double[] values = new double[start.size() * size];
            for (int i = 0; i < values.length; i++) {
                values[i] = start.get(i / size);
            }
            raw.put(group, Tensor.of(task.model().backend(), Shape.of(start.size(), size), values));
        });
        return new Parameters(raw);
    }

    @Override
    public Map<String, Tensor> gates(Parameters own, long step) {
        Map<String, Tensor> gates = new TreeMap<>();
        int draw = Math.toIntExact(step * own.names().size());
        for (String group : own.names()) {
            GateDistribution.Noise noise = new GateDistribution.Noise(task.seed(), stream, draw + gates.size());
            gates.put(group, distribution.sample(own.get(group), noise));
        }
        return gates;
    }

    @Override
    public List<Tensor> penalties(Parameters weights, Parameters own) {
        return own.tensors().stream()
                .map(raw -> distribution.divergence(raw).times(weight))
                .toList();
    }
}
