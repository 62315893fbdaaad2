package io.stamp.engine.vector.winograd;

import io.stamp.engine.vector.runtime.Slot;

/** The scratch memory of Winograd's kernels. */
final class WinogradSlots {
    /** Shared: transformed input and output's gradient of a round. */
    static final Slot PACKED = new Slot();

    /** Shared: transformed input of a round, or sums of a gradient of weights. */
    static final Slot PARTIAL = new Slot();

    /** Per thread: transformed input. */
    static final Slot PANEL = new Slot();

    /** Per thread: transformed weights or output's gradient. */
    static final Slot BLOCK = new Slot();

    /** Per thread: products, or sums of a gradient of weights. */
    static final Slot SUMS = new Slot();

    /** Per thread: a tile at the border of an image. */
    static final Slot LEFT = new Slot();

    private WinogradSlots() {}
}
