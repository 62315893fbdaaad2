package io.stamp.method;

import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import java.util.List;
import java.util.Set;

/**
 * As many channels of each group as another pruner keeps: two methods at the same widths differ in the choice of channels alone.
 *
 * @param pruner whose widths are taken; it does all of its work
 */
public record WidthsOf(Pruner pruner) implements Allocation {
    @Override
    public String name() {
        return pruner.name();
    }

    @Override
    public String explanation() {
        return "as many of every group as " + pruner.name() + " keeps";
    }

    @Override
    public Set<Need> needs() {
        return pruner.needs();
    }

    @Override
    public List<Setting> settings() {
        return pruner.settings();
    }

    @Override
    public PruningPlan plan(PruningTask task, Scores scores) {
        try (Scope _ = Scope.open()) {
            PruningPlan other = pruner.prune(task)
                    .plan()
                    .orElseThrow(() -> new StampException("The method '" + pruner.name()
                            + "' removes nothing, so there are no widths to take from it; name one that prunes."));
            return new PlanSearch(task.groups())
                    .byWidths(scores.byGroup(), other.widths(), other.budget(), pruner.name());
        }
    }
}
