package io.stamp.method.allocation;

import io.stamp.method.Allocation;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;

/**
 * Every channel whose score is not below a bound, and the minimum of every layer; the budget does not bind.
 *
 * @param bound of the scores
 */
public record Threshold(double bound) implements Allocation {
    @Override
    public String name() {
        return "threshold";
    }

    @Override
    public String explanation() {
        return "scores of " + bound + " and above";
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        return new PlanSearch(task.groups()).byThreshold(scores.byGroup(), bound);
    }
}
