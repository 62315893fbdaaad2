package io.stamp.engine.vector.runtime;

/** Cuts flat arrays into ranges for the threads, by the size alone. */
public final class Ranges {
    /** Elements of a range at most: 128 KiB of floats, small against the second-level cache. */
    public static final int LENGTH = 1 << 15;

    /** Elements of a range at least, large against a handoff. */
    private static final int MIN_LENGTH = 1 << 12;

    /** Tasks to aim at: many and equal, for threads that get unequal work wait for one another. */
    public static final int WANTED_TASKS = 32;

    /** Multiply-accumulates that are worth a task, some microseconds. */
    public static final long TASK_MACS = 1 << 18;

    /** Elements of a range where each takes long. */
    private static final int SLOW_LENGTH = 1 << 9;

    private Ranges() {}

    /** How many tasks so many multiply-accumulates are worth. */
    public static int tasks(long macs) {
        return Math.clamp(macs / TASK_MACS, 1, WANTED_TASKS);
    }

    /** Handles elements {@code from} to {@code to - 1}; {@code from} is a multiple of every vector length. */
    @FunctionalInterface
    public interface Body {
        public void run(int from, int to);
    }

    /** Ranges for work at the speed of memory. */
    public static void run(int size, Workers workers, Body body) {
        run(size, length(size), workers, body);
    }

    /** Ranges for work that takes tens of nanoseconds or more for each element. */
    public static void runSlow(int size, Workers workers, Body body) {
        run(size, slowLength(size), workers, body);
    }

    /** Cuts {@code count} rows of {@code length} elements into tasks; handles rows {@code from} to {@code to - 1}. */
    public static void overRows(int count, int length, Workers workers, Body body) {
        int perTask = Math.max(1, LENGTH / Math.max(1, length));
        workers.parallel(count(count, perTask), (task, scratch) -> body.run(task * perTask, end(task, perTask, count)));
    }

    private static void run(int size, int length, Workers workers, Body body) {
        workers.parallel(count(size, length), (task, scratch) -> body.run(task * length, end(task, length, size)));
    }

    /** Elements of a range for work at the speed of memory; a multiple of every vector length. */
    public static int length(int size) {
        int equal = Math.ceilDiv(Math.ceilDiv(size, WANTED_TASKS), Lanes.GRANULE) * Lanes.GRANULE;
        return Math.clamp(equal, MIN_LENGTH, LENGTH);
    }

    /** Elements of a range for work that takes tens of nanoseconds or more for each; a job has only so many tasks. */
    public static int slowLength(int size) {
        int least = Math.ceilDiv(Math.ceilDiv(size, Workers.MAX_TASKS), Lanes.GRANULE) * Lanes.GRANULE;
        return Math.max(SLOW_LENGTH, least);
    }

    /** Number of pieces of at most {@code length}. */
    public static int count(int size, int length) {
        return Math.ceilDiv(size, length);
    }

    /** Where one of {@code parts} nearly equal parts of {@code total} begins; part {@code parts} begins at the end. */
    public static int startOfPart(int total, int part, int parts) {
        return (int) ((long) total * part / parts);
    }

    /** Where a piece ends. */
    public static int end(int piece, int length, int size) {
        return (int) Math.min(size, (piece + 1L) * length);
    }
}
