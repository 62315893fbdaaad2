package io.stamp.bench.peers;

/** Whether a {@link Peer} can do some work. */
public sealed interface Preparation {
    /** It can. */
    record Ready(PreparedWork work) implements Preparation {}

    /** It cannot, and why: half a sentence for the table. */
    record Unsupported(String reason) implements Preparation {}
}
