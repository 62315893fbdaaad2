package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.MaskedModel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What masks are judged by: {@code CE + klWeight / N * sum KL} of the network under a mask of the budget, with a head that was fitted to the
 * network under such a mask.
 */
final class MaskObjective {
    /** No loop takes as many steps, whose draws are numbered from 0. */
    private static final int HEAD_DRAW = 1 << 20;

    private final Model backbone;
    private final ChannelGroups groups;
    private final MaskGenerator generator;
    private final MetaConfig config;
    private final BudgetShift shift;
    private final HardGates hard;

    /**
     * @param backbone the pretrained network; its weights are constants here
     * @param groups the channel groups that have gates
     * @param kind what budgets are about
     */
    MaskObjective(Model backbone, ChannelGroups groups, Cost.Kind kind, MaskGenerator generator, MetaConfig config) {
        this.backbone = backbone;
        this.groups = groups;
        this.generator = generator;
        this.config = config;
        this.shift =
                new BudgetShift(generator.distribution(), groups.cost().expected(backbone.backend(), groups, kind));
        this.hard = new HardGates(groups, kind);
    }

    MetaConfig config() {
        return config;
    }

    MaskGenerator generator() {
        return generator;
    }

    /**
     * A head fitted on the features of the network under a mask of this generator. One that was fitted on the whole network would reward
     * masks for imitating that. Owned by the innermost scope.
     */
    Parameters head(Parameters generatorParameters, Task task) {
        try (Scope scope = Scope.open()) {
            int[] set = task.set(config.inner().setSize(), HEAD_DRAW);
            Map<String, Tensor> gates = drawn(gates(generatorParameters, task, set), task, HEAD_DRAW);
            TaskFeatures features = TaskFeatures.of(
                    new MaskedModel(groups, backbone, gates), task, task.headImages(TaskHead.MASKED_IMAGES));
            return TaskHead.fit(
                            task.pool().head(),
                            features.features(),
                            features.labels(),
                            config.inner().headSteps())
                    .keptBy(scope);
        }
    }

    /** The loss of one step; batch-norm uses the statistics of the batch and leaves the running ones alone. */
    Tensor loss(Parameters generatorParameters, Parameters head, Task task, int[] set, int[] images, int draw) {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> raw = gates(generatorParameters, task, set);
            Tensor logits = logits(head, task, images, drawn(raw, task, draw));
            Tensor loss = Layers.crossEntropy(logits, task.labels(images))
                    .plus(divergence(raw).times(config.klWeight() / task.pool().population()));
            return scope.keep(loss);
        }
    }

    /** The raw numbers of gates that are expected to cost the task's budget, for one of its sets. */
    Map<String, Tensor> gates(Parameters generatorParameters, Task task, int[] set) {
        return shift.of(
                generator.gates(generatorParameters, task.pool().statistics(set), task.budget()), task.budget());
    }

    /** One draw of the gates. */
    private Map<String, Tensor> drawn(Map<String, Tensor> raw, Task task, int draw) {
        return switch (config.masks()) {
            case BINARY ->
                hard.of(
                        expected(raw),
                        task.budget(),
                        new RandomStream(task.seed(), Task.GATE_STREAM, (long) draw << 32));
            case RELAXED -> relaxed(raw, task.seed(), draw);
        };
    }

    private Map<String, Tensor> relaxed(Map<String, Tensor> raw, long seed, int draw) {
        Map<String, Tensor> gates = new LinkedHashMap<>();
        int group = 0;
        for (Map.Entry<String, Tensor> entry : raw.entrySet()) {
            GateDistribution.Noise noise = new GateDistribution.Noise(seed, Task.GATE_STREAM + group++, draw);
            gates.put(entry.getKey(), generator.distribution().sample(entry.getValue(), noise));
        }
        return gates;
    }

    private Tensor logits(Parameters head, Task task, int[] images, Map<String, Tensor> gates) {
        MaskedModel masked = new MaskedModel(groups, backbone.withHead(head), gates);
        return masked.forward(BatchNormMode.BATCH).logits(task.pool().batch(images));
    }

    private Tensor divergence(Map<String, Tensor> raw) {
        return raw.values().stream()
                .map(generator.distribution()::divergence)
                .reduce(Tensor::plus)
                .orElseThrow();
    }

    /** E[m] of every group. */
    Map<String, Tensor> expected(Map<String, Tensor> raw) {
        Map<String, Tensor> expected = new LinkedHashMap<>();
        raw.forEach(
                (group, numbers) -> expected.put(group, generator.distribution().expected(numbers)));
        return expected;
    }
}
