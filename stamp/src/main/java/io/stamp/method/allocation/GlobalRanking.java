package io.stamp.method.allocation;

import io.stamp.method.Allocation;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;

/** All channels of all groups ranked together; see {@link PlanSearch#byScores}. */
public final class GlobalRanking implements Allocation {
    @Override
    public String name() {
        return "global";
    }

    @Override
    public String explanation() {
        return "all groups ranked together";
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        return new PlanSearch(task.groups()).byScores(scores.byGroup(), task.budget());
    }
}
