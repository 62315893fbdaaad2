package io.stamp.method.allocation;

import io.stamp.method.Allocation;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.GreedyRemoval;
import io.stamp.prune.PruningPlan;

/** The channel with the lowest score per cost removed, again and again, costs as they are then; see {@link GreedyRemoval}. */
public final class ExactBudget implements Allocation {
    @Override
    public String name() {
        return "exact-budget";
    }

    @Override
    public String explanation() {
        return "one channel after another removed, each with the lowest score per cost that this saves";
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        return new GreedyRemoval(task.groups()).plan(scores.byGroup(), task.budget());
    }
}
