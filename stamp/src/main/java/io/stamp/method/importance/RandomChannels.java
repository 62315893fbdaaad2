package io.stamp.method.importance;

import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.PlanSearch;

/** Uniform random scores. */
public final class RandomChannels implements Importance {
    @Override
    public String name() {
        return "random";
    }

    @Override
    public String explanation() {
        return "channels drawn at random: what pruning costs without any idea";
    }

    @Override
    public Scores scores(PruningTask task) {
        return Scores.of(task, PlanSearch.randomScores(task.groups(), task.seed()));
    }
}
