package io.stamp.bench.peers;

import java.util.Optional;

/** An engine that does the same work as ours, to be compared with it. All calls come from one thread. */
public interface Peer extends AutoCloseable {
    /** What the command line and the table call it, {@code pytorch-nhwc}. */
    String name();

    /** The engine behind it, where one engine runs in several variants, {@code pytorch}. */
    default String family() {
        return name();
    }

    /** Version, and how it is used, in one line. */
    String version();

    /** Whether whole networks may run faster on one thread than on several, so that it should be given the choice. */
    default boolean mayPreferOneThread() {
        return false;
    }

    /** Why it cannot do some work, words to stand behind its name such as {@code does not train}; empty where it can. */
    Optional<String> obstacle(Workload workload);

    /**
     * Makes it ready to do some work again and again; only for work without an {@link #obstacle}.
     *
     * @param threads how many threads it may use for it
     */
    PreparedWork prepare(Workload workload, int threads);

    /** Frees what it holds; whatever it prepared has been closed before. */
    @Override
    void close();
}
