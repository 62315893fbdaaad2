package io.stamp.method.allocation;

import io.stamp.method.Allocation;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;

/** All channels of all groups ranked together by their score per cost; see {@link PlanSearch#byScoresPerCost}. */
public final class ScorePerCost implements Allocation {
    @Override
    public String name() {
        return "score-per-cost";
    }

    @Override
    public String explanation() {
        return "all groups ranked together by score per cost";
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        return new PlanSearch(task.groups()).byScoresPerCost(scores.byGroup(), task.budget());
    }
}
