package io.stamp.engine.vector.kernel;

/** Who uses which slot of a {@link io.stamp.engine.vector.Scratch}. */
final class Slots {
    /** Shared: the packed right-hand matrix. */
    static final int PACKED = 0;

    /** Shared: sums of parts of a reduction. */
    static final int PARTIAL = 1;

    /** Shared: per-channel values repeated over a period. */
    static final int PATTERNS = 2;

    /** Shared: what is left after some axes were summed; two of them alternate. */
    static final int REDUCED = 3;

    /** Per thread: panels of the left-hand matrix. */
    static final int PANEL = 0;

    /** Per thread: one tile of the result. */
    static final int TILE = 1;

    /** Per thread: a block of the right-hand matrix. */
    static final int BLOCK = 2;

    /** Per thread: sums of lanes. */
    static final int LANES = 3;

    /** Per thread: a stretched operand, written out. */
    static final int LEFT = 4;

    /** Per thread: the other stretched operand. */
    static final int RIGHT = 5;

    /** Per thread: sums over the places of a period. */
    static final int SUMS = 6;

    /** Per thread: per-channel values repeated over a period. */
    static final int LOCAL_PATTERNS = 7;

    private Slots() {}
}
