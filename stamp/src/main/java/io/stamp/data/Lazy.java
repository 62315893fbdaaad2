package io.stamp.data;

import java.util.function.Supplier;

/**
 * A value computed at its first use and then kept; a computation that throws is tried again at the next use.
 * Thread-safe.
 */
final class Lazy<T> {
    private Supplier<T> supplier;
    private T value;

    Lazy(Supplier<T> supplier) {
        this.supplier = supplier;
    }

    synchronized T get() {
        if (supplier != null) {
            value = supplier.get();
            supplier = null;
        }
        return value;
    }
}
