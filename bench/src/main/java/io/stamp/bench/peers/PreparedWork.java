package io.stamp.bench.peers;

/** Work with all its data in an engine's memory, ready to be done again and again. */
public interface PreparedWork extends AutoCloseable {
    /** What has to be set before a turn because another engine, or another use of this one, had its turn since. */
    default void takeOver() {}

    /**
     * What the engine computes for this work, by the names and in the layouts that {@link Workload#outputs} describes. Called once,
     * before the first {@link #run}; it may do steps of its own.
     */
    Outputs outputs();

    /** Does the work once; returns when it is done. */
    void run();

    @Override
    void close();
}
