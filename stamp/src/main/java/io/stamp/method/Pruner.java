package io.stamp.method;

/**
 * Decides which channels of a network a target needs. Most consist of an {@link Importance} and an {@link Allocation}; one that searches
 * or trains in a way of its own implements this and is named in {@code META-INF/services/io.stamp.method.Pruner}.
 */
public interface Pruner extends MethodPart {
    /** Whether channels are removed at all. */
    default boolean removes() {
        return true;
    }

    /**
     * Whether all that goes is whole channels. Single weights that are zero leave the network as large and as slow as it was; methods that
     * choose them are there to be compared with.
     */
    default boolean isStructural() {
        return true;
    }

    /**
     * The decision; the task's models are left as they are. Nothing is removed yet, {@link TargetPruning} does that for every pruner in
     * the same way.
     */
    Pruned prune(PruningTask task);

    /** Scores of one, widths of the other. */
    static Pruner of(Importance importance, Allocation allocation) {
        return new ScoredPruner(importance, allocation);
    }
}
