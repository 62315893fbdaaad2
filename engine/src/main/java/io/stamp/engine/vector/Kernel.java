package io.stamp.engine.vector;

import io.stamp.engine.Op;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Workers;

/** How the vector backend runs one kind of op. */
@FunctionalInterface
public interface Kernel<O extends Op> {
    /** Computes {@code out}, which overlaps none of {@code in}. */
    void run(O op, Floats[] in, Floats out, Workers workers);
}
