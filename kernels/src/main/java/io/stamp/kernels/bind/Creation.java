package io.stamp.kernels.bind;

import java.util.function.LongConsumer;

/** Objects of C libraries that are created empty and then filled in, one call after another. */
public final class Creation {
    private Creation() {}

    /** The object, filled in; where that fails, it is destroyed, and nobody ever sees it. */
    public static long of(long object, LongConsumer fill, LongConsumer destroy) {
        try {
            fill.accept(object);
            return object;
        } catch (RuntimeException failure) {
            try {
                destroy.accept(object);
            } catch (RuntimeException further) {
                failure.addSuppressed(further);
            }
            throw failure;
        }
    }
}
