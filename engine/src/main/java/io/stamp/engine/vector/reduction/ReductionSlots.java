package io.stamp.engine.vector.reduction;

import io.stamp.engine.vector.runtime.Slot;
import java.util.List;

/** The scratch memory of reductions. */
final class ReductionSlots {
    /** Shared: per-channel values repeated over a pattern of channels. */
    static final Slot PATTERNS = new Slot();

    /** Shared: sums of parts of a reduction. */
    static final Slot PARTIAL = new Slot();

    /** Shared: what is left after some axes were summed; two of them alternate. */
    static final List<Slot> REDUCED = List.of(new Slot(), new Slot());

    /** Per thread: sums over the places of a pattern. */
    static final Slot SUMS = new Slot();

    /** Per thread: per-channel values repeated over a pattern. */
    static final Slot LOCAL_PATTERNS = new Slot();

    private ReductionSlots() {}
}
