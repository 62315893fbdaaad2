package io.stamp.method;

import io.stamp.engine.Tensor;
import io.stamp.model.Model;
import io.stamp.prune.PruningPlan;
import java.util.Map;
import java.util.Optional;

/**
 * What a pruner decided.
 *
 * @param plan which channels stay; empty where none is removed
 * @param start the full-size network that the small one is cut out of, with a head for the target; owned by the scope that was innermost
 *     when the pruner was asked
 * @param scores that the plan follows, by group; empty where it follows none
 * @param gates values {@code [size]} by group that kept channels are multiplied by; 1 for groups that are not named
 * @param details what else it found, for reports: numbers and words by name
 */
public record Pruned(
        Optional<PruningPlan> plan,
        Model start,
        Map<String, double[]> scores,
        Map<String, Tensor> gates,
        Map<String, Object> details) {
    /** A plan that needs no changed weights. */
    public static Pruned of(PruningTask task, PruningPlan plan) {
        return new Pruned(Optional.of(plan), task.model(), Map.of(), Map.of(), Map.of());
    }

    /** The task's model as it is. */
    public static Pruned nothing(PruningTask task) {
        return new Pruned(Optional.empty(), task.model(), Map.of(), Map.of(), Map.of());
    }
}
