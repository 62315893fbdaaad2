package io.stamp.engine.vector.convolution;

import io.stamp.engine.vector.runtime.Slot;

/** The scratch memory of direct convolutions. */
final class ConvolutionSlots {
    /** Shared: packed weights. */
    static final Slot PACKED = new Slot();

    /** Shared: sums of a gradient of weights over parts of the pixels. */
    static final Slot PARTIAL = new Slot();

    /** Per thread: a piece of the input, as the tiles want it. */
    static final Slot PANEL = new Slot();

    /** Per thread: one tile of the result. */
    static final Slot TILE = new Slot();

    /** Per thread: a piece of the output's gradient, or what a transpose needs. */
    static final Slot BLOCK = new Slot();

    /** Per thread: sums of a gradient of weights. */
    static final Slot SUMS = new Slot();

    private ConvolutionSlots() {}
}
