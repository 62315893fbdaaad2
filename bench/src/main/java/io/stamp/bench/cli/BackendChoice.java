package io.stamp.bench.cli;

import java.util.Locale;

/** What {@code --backend} may say; a named backend is used or is an error, never replaced by another. */
public enum BackendChoice {
    /** The first that works, in the order of this list. */
    AUTO,
    CUDA,
    VECTOR,
    REFERENCE;

    /** As the user writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
