package io.stamp.kernels.device;

import java.util.ArrayDeque;
import java.util.Deque;

/** What an object has opened so far; it is closed in the reverse order, also where opening the next fails. */
public final class Opened implements AutoCloseable {
    private final Deque<Runnable> closing = new ArrayDeque<>();

    /** Remembers how to close what was opened last. */
    public void add(Runnable close) {
        closing.push(close);
    }

    /** Closes everything, also where closing some of it fails; the first failure is thrown at the end. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!closing.isEmpty()) {
            try {
                closing.pop().run();
            } catch (RuntimeException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Closes everything because of a failure, which stays the one that people see. */
    public <X extends Exception> X after(X failure) {
        try {
            close();
        } catch (RuntimeException further) {
            failure.addSuppressed(further);
        }
        return failure;
    }
}
