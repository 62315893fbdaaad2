package io.stamp.method.allocation;

import io.stamp.method.Allocation;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;

/** The same share of every group; equal widths for all criteria with one seed. See {@link PlanSearch#byUniformRatio}. */
public final class UniformRatio implements Allocation {
    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public String explanation() {
        return "the same share of every group";
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        return new PlanSearch(task.groups()).byUniformRatio(scores.byGroup(), task.budget(), task.seed());
    }
}
