package io.stamp.engine.vector.elementwise;

import io.stamp.engine.vector.runtime.Slot;

/** The scratch memory of elementwise kernels. */
final class ElementwiseSlots {
    /** Shared: the bias repeated over a {@link ChannelPattern}. */
    static final Slot PATTERNS = new Slot();

    /** Per thread: a stretched operand, written out. */
    static final Slot LEFT = new Slot();

    /** Per thread: the other stretched operand. */
    static final Slot RIGHT = new Slot();

    private ElementwiseSlots() {}
}
