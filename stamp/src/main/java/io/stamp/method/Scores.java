package io.stamp.method;

import io.stamp.engine.Tensor;
import io.stamp.model.Model;
import java.util.Map;

/**
 * What a criterion found.
 *
 * @param byGroup for every prunable group a score for each channel; the higher, the sooner it stays
 * @param start the full-size network that the small one is cut out of: the task's model, or one with changed weights; owned by the scope
 *     that was innermost when the criterion was asked
 * @param gates values {@code [size]} by group that kept channels are multiplied by, folded into the layers that read them; 1 for groups
 *     that are not named
 * @param details what else it found, for reports: numbers and words by name
 */
public record Scores(
        Map<String, double[]> byGroup, Model start, Map<String, Tensor> gates, Map<String, Object> details) {
    /** Scores alone: no weight has changed. */
    public static Scores of(PruningTask task, Map<String, double[]> byGroup) {
        return new Scores(byGroup, task.model(), Map.of(), Map.of());
    }
}
