package io.stamp.method;

import io.stamp.engine.nn.Parameters;
import io.stamp.prune.PruningPlan;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Ranks channels by an importance; an allocation says how many of each group stay. */
record ScoredPruner(Importance importance, Allocation allocation) implements Pruner {
    /** The importance's, followed by the allocation's where that is not the usual one. */
    @Override
    public String name() {
        return allocation.name().equals(importance.allocation())
                ? importance.name()
                : importance.name() + Methods.SEPARATOR + allocation.name();
    }

    @Override
    public String explanation() {
        return importance.explanation() + "; " + allocation.explanation();
    }

    @Override
    public String source() {
        return importance.source();
    }

    @Override
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        needs.addAll(importance.needs());
        needs.addAll(allocation.needs());
        return needs;
    }

    @Override
    public List<Setting> settings() {
        return Stream.of(importance, allocation)
                .flatMap(part -> part.settings().stream())
                .distinct()
                .toList();
    }

    @Override
    public Pruned prune(PruningTask task) {
        Scores scores = importance.scores(task);
        PruningPlan plan = allocation.plan(task, scores);
        return new Pruned(
                Optional.of(plan),
                scores.start(),
                scores.byGroup(),
                scores.gates(),
                Parameters.empty(),
                scores.details());
    }
}
