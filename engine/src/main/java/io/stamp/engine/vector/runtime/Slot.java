package io.stamp.engine.vector.runtime;

import java.util.concurrent.atomic.AtomicInteger;

/** The place of one buffer in every {@link Scratch}. Each family of kernels lists its own, so that none can meet another's. */
public final class Slot {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** No two slots have the same. */
    final int index = COUNT.getAndIncrement();
}
