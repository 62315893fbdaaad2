package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.op.Gather;
import io.stamp.model.Model;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A full-size model whose channels are multiplied by gates where channel-mixing layers read them; nothing is smaller or faster for it.
 * The identity path of an addition carries the ungated sum. Gates may be tracked, and lie in [0, 1].
 *
 * @param groups the channel groups of the model's network
 * @param gates for each prunable group its gates {@code [size]}, shared by all images
 */
public record MaskedModel(ChannelGroups groups, Model model, Map<String, Tensor> gates) {
    public MaskedModel {
        for (ChannelGroup group : groups.prunable()) {
            GateVector.require(group, gates);
        }
        gates = Collections.unmodifiableSortedMap(new TreeMap<>(gates));
    }

    /** The model with gate 1 for what a plan keeps and 0 for the rest. */
    public static MaskedModel of(Model model, PruningPlan plan) {
        return of(model, plan, Map.of());
    }

    /**
     * The model with gate 0 for what a plan removes.
     *
     * @param values gates {@code [size]} of what is kept, by group; 1 for groups that are not named
     */
    public static MaskedModel of(Model model, PruningPlan plan, Map<String, Tensor> values) {
        return new MaskedModel(plan.groups(), model, gates(model.backend(), plan, values));
    }

    static Map<String, Tensor> gates(Backend backend, PruningPlan plan, Map<String, Tensor> values) {
        values.keySet().forEach(plan.groups()::get);
        Map<String, Tensor> gates = new TreeMap<>();
        for (ChannelGroup group : plan.groups().prunable()) {
            Tensor indicator = indicator(backend, plan, group.name());
            boolean valued = values.containsKey(group.name());
            gates.put(group.name(), valued ? GateVector.require(group, values).times(indicator) : indicator);
        }
        return gates;
    }

    /** The plan's gates of a group, 1 for what it keeps, {@code [size]}. */
    public static Tensor indicator(Backend backend, PruningPlan plan, String group) {
        double[] kept = new double[plan.groups().get(group).size()];
        plan.kept().get(group).forEach(k -> kept[k] = 1);
        return Tensor.of(backend, Shape.of(kept.length), kept);
    }

    /** One run with the gates in place. */
    public Forward forward(BatchNormMode mode) {
        return model.forward(mode, hook());
    }

    /** Logits of images {@code [N,H,W,C]}, batch-norm with its running moments. */
    public Tensor logits(Tensor images) {
        return forward(BatchNormMode.RUNNING).logits(images);
    }

    /** Multiplies what layers read by their gates; for runs with other parameters than the model's own. */
    public InputHook hook() {
        return this::gated;
    }

    private Tensor gated(String layer, Tensor x) {
        GateVector.Rule rule = groups.gateRule(layer);
        if (rule == null || !rule.gates()) {
            return x;
        }
        return x.times(
                rule.group() != null
                        ? gates.get(rule.group())
                        : Gather.of(groups.gates().of(x.backend(), gates), 0, rule.positions()));
    }
}
