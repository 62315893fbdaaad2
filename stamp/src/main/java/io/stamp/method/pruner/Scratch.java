package io.stamp.method.pruner;

import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;

/** Removes nothing and forgets everything: the whole architecture with weights drawn anew, head included. */
public final class Scratch implements Pruner {
    @Override
    public String name() {
        return "scratch";
    }

    @Override
    public String explanation() {
        return "the whole network from fresh random weights, nothing removed: what the reference data is worth";
    }

    @Override
    public boolean removes() {
        return false;
    }

    @Override
    public Pruned prune(PruningTask task) {
        return Pruned.nothing(fresh(task));
    }

    /** The task's network with weights drawn from its seed; owned by the innermost scope. */
    static Model fresh(PruningTask task) {
        return Model.init(task.model().backend(), task.model().network(), task.seed());
    }
}
