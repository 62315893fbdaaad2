package io.stamp.engine.vector;

import io.stamp.engine.Update;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Workers;

/** How the vector backend runs one kind of update on one tuple of tensors. */
@FunctionalInterface
public interface UpdateKernel<U extends Update> {
    /** Overwrites the first {@link Update#mutated()} of the tensors. */
    void run(U update, Floats[] tensors, Workers workers);
}
