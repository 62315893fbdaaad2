package io.stamp.engine.vector.runtime;

/** Who uses which slot of a {@link io.stamp.engine.vector.runtime.Scratch}. */
public final class Slots {
    /** Shared: the packed right-hand matrix. */
    public static final int PACKED = 0;

    /** Shared: sums of parts of a reduction. */
    public static final int PARTIAL = 1;

    /** Shared: per-channel values repeated over a period. */
    public static final int PATTERNS = 2;

    /** Shared: what is left after some axes were summed; two of them alternate. */
    public static final int REDUCED = 3;

    /** Per thread: panels of the left-hand matrix. */
    public static final int PANEL = 0;

    /** Per thread: one tile of the result. */
    public static final int TILE = 1;

    /** Per thread: a block of the right-hand matrix. */
    public static final int BLOCK = 2;

    /** Per thread: sums of lanes. */
    public static final int LANES = 3;

    /** Per thread: a stretched operand, written out. */
    public static final int LEFT = 4;

    /** Per thread: the other stretched operand. */
    public static final int RIGHT = 5;

    /** Per thread: sums over the places of a period. */
    public static final int SUMS = 6;

    /** Per thread: per-channel values repeated over a period. */
    public static final int LOCAL_PATTERNS = 7;

    private Slots() {}
}
