package io.stamp.method;

import io.stamp.prune.PruningPlan;

/**
 * Says how many channels of each group stay, and keeps the best of them by the scores; the plan fits the task's budget. One that is named
 * in {@code META-INF/services/io.stamp.method.Allocation} can follow the name of every {@link Importance}: {@code l1@global}.
 */
public interface Allocation extends MethodPart {
    PruningPlan plan(PruningTask task, Scores scores);
}
