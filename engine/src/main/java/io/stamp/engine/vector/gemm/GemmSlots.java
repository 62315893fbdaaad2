package io.stamp.engine.vector.gemm;

import io.stamp.engine.vector.runtime.Slot;

/** The scratch memory of GEMMs. */
final class GemmSlots {
    /** Shared: the packed right-hand matrix. */
    static final Slot PACKED = new Slot();

    /** Per thread: panels of the left-hand matrix. */
    static final Slot PANEL = new Slot();

    /** Per thread: one tile of the result. */
    static final Slot TILE = new Slot();

    /** Per thread: a block of the right-hand matrix. */
    static final Slot BLOCK = new Slot();

    /** Per thread: sums of lanes. */
    static final Slot LANES = new Slot();

    private GemmSlots() {}
}
