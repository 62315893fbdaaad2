package io.stamp.method;

/**
 * A criterion: says how much each channel is worth keeping. How many channels stay is the business of an {@link Allocation}. One that is
 * named in {@code META-INF/services/io.stamp.method.Importance} is a method of that name, see {@link Methods}.
 */
public interface Importance extends MethodPart {
    /**
     * Scores every channel of every prunable group; the higher, the sooner it stays. Where weights are changed on the way, by training
     * or reconstruction, the result says so; the task's own models are left as they are.
     */
    Scores scores(PruningTask task);

    /** Name of the allocation that goes with it unless told otherwise. */
    default String allocation() {
        return "uniform";
    }
}
