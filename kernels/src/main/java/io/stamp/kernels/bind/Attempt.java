package io.stamp.kernels.bind;

/**
 * One path that was tried for a library.
 *
 * @param path a file or a folder, or a name that the system's loader was asked for
 * @param origin why it was tried
 * @param reason why it was or was not taken, a sentence
 */
public record Attempt(String path, String origin, Outcome outcome, String reason) {
    /** What came of it. */
    public enum Outcome {
        /** The library is used from there. */
        TAKEN,
        /** There is nothing of that name. */
        ABSENT,
        /** It is there, and a newer one is used. */
        PASSED_OVER,
        /** It is there and does not work. */
        REFUSED
    }
}
