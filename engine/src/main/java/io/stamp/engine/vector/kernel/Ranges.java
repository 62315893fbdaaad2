package io.stamp.engine.vector.kernel;

import io.stamp.engine.vector.Workers;

/** Cuts flat arrays into ranges for the threads, by the size alone. */
final class Ranges {
    /** Elements of a range: 128 KiB of floats, small against the second-level cache and large against a handoff. */
    static final int LENGTH = 1 << 15;

    private Ranges() {}

    /** Handles elements {@code from} to {@code to - 1}; {@code from} is a multiple of every vector length. */
    @FunctionalInterface
    interface Body {
        void run(int from, int to);
    }

    static void run(int size, Workers workers, Body body) {
        workers.parallel(count(size, LENGTH), (task, scratch) -> body.run(task * LENGTH, end(task, LENGTH, size)));
    }

    /** Number of pieces of at most {@code length}. */
    static int count(int size, int length) {
        return Math.ceilDiv(size, length);
    }

    /** Where a piece ends. */
    static int end(int piece, int length, int size) {
        return (int) Math.min(size, (piece + 1L) * length);
    }
}
