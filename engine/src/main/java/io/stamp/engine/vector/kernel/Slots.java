package io.stamp.engine.vector.kernel;

/** Who uses which slot of a {@link io.stamp.engine.vector.Scratch}. */
final class Slots {
    /** Shared: the packed right-hand matrix. */
    static final int PACKED = 0;

    /** Shared: sums of parts of a reduction. */
    static final int PARTIAL = 1;

    /** Per thread: panels of the left-hand matrix. */
    static final int PANEL = 0;

    /** Per thread: one tile of the result. */
    static final int TILE = 1;

    /** Per thread: a block of the right-hand matrix. */
    static final int BLOCK = 2;

    /** Per thread: sums of lanes. */
    static final int LANES = 3;

    private Slots() {}
}
