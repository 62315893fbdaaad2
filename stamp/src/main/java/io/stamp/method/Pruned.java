package io.stamp.method;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
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
 * @param weightMask 1 for every single weight that stays and 0 for the others, by parameter; empty where whole channels go
 * @param details what else it found, for reports: numbers and words by name
 */
public record Pruned(
        Optional<PruningPlan> plan,
        Model start,
        Map<String, double[]> scores,
        Map<String, Tensor> gates,
        Parameters weightMask,
        Map<String, Object> details) {
    /** A plan that needs no changed weights. */
    public static Pruned of(PruningTask task, PruningPlan plan) {
        return new Pruned(Optional.of(plan), task.model(), Map.of(), Map.of(), Parameters.empty(), Map.of());
    }

    /** Nothing is removed from the model that is trained: the task's, or another one for the same classes. */
    public static Pruned nothing(Model start) {
        return new Pruned(Optional.empty(), start, Map.of(), Map.of(), Parameters.empty(), Map.of());
    }

    /** Single weights are zero and stay zero; the network is as large as before. */
    public static Pruned weights(Model start, Parameters mask, Map<String, Object> details) {
        return new Pruned(Optional.empty(), start, Map.of(), Map.of(), mask, details);
    }
}
