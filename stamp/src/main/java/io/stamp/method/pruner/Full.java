package io.stamp.method.pruner;

import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;

/** Removes nothing. */
public final class Full implements Pruner {
    public static final String NAME = "full";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String explanation() {
        return "the whole network, nothing removed: the yardstick";
    }

    @Override
    public boolean removes() {
        return false;
    }

    @Override
    public Pruned prune(PruningTask task) {
        return Pruned.nothing(task.model());
    }
}
