package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Relu;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.ExpectedCost;
import io.stamp.prune.MaskedModel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a mask is judged by: {@code CE + klWeight / N * sum KL + costWeight * max(0, cost(E[m]) / cost(1) - budget)}.
 *
 * @param backbone the pretrained network; its weights are constants here
 * @param groups the channel groups that have gates
 * @param cost relative cost of expected gates
 */
record MaskObjective(
        Model backbone, ChannelGroups groups, ExpectedCost cost, MaskGenerator generator, MetaConfig config) {

    /** The loss of one step; batch-norm uses the statistics of the batch and leaves the running ones alone. */
    Tensor loss(Parameters generatorParameters, Parameters head, Task task, int[] set, int[] images, int draw) {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> raw =
                    generator.gates(generatorParameters, task.pool().statistics(set), task.budget());
            Tensor logits = logits(head, task, images, sampled(raw, task.seed(), draw));
            Tensor loss = Layers.crossEntropy(logits, task.labels(images))
                    .plus(divergence(raw)
                            .times(config.penalties().kl() / task.pool().population()))
                    .plus(excess(raw, task.budget()).times(config.penalties().cost()));
            return scope.keep(loss);
        }
    }

    private Tensor logits(Parameters head, Task task, int[] images, Map<String, Tensor> gates) {
        MaskedModel masked = new MaskedModel(groups, backbone.withHead(head), gates);
        return masked.forward(BatchNormMode.BATCH).logits(task.pool().batch(images));
    }

    private Map<String, Tensor> sampled(Map<String, Tensor> raw, long seed, int draw) {
        Map<String, Tensor> gates = new LinkedHashMap<>();
        int group = 0;
        for (Map.Entry<String, Tensor> entry : raw.entrySet()) {
            GateDistribution.Noise noise = new GateDistribution.Noise(seed, Task.GATE_STREAM + group++, draw);
            gates.put(entry.getKey(), generator.distribution().sample(entry.getValue(), noise));
        }
        return gates;
    }

    private Tensor divergence(Map<String, Tensor> raw) {
        return raw.values().stream()
                .map(generator.distribution()::divergence)
                .reduce(Tensor::plus)
                .orElseThrow();
    }

    private Tensor excess(Map<String, Tensor> raw, double budget) {
        return Relu.of(cost.of(expected(raw)).plus(-budget));
    }

    /** E[m] of every group. */
    Map<String, Tensor> expected(Map<String, Tensor> raw) {
        Map<String, Tensor> expected = new LinkedHashMap<>();
        raw.forEach(
                (group, numbers) -> expected.put(group, generator.distribution().expected(numbers)));
        return expected;
    }
}
