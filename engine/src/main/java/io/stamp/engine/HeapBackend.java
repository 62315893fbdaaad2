package io.stamp.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * What backends on Java arrays share: a pool of arrays by size class, and the account of live bytes. Thread-safe. The pool serves
 * runs that repeat; where shapes keep changing it is emptied before it holds much more than ever was in use.
 */
public abstract class HeapBackend<A> implements Backend {
    private static final long POOL_SLACK_BYTES = 64L << 20;

    private final Map<Integer, Deque<A>> pool = new HashMap<>();
    private final int bytesPerElement;
    private long liveBytes;
    private long peakBytes;
    private long pooledBytes;

    protected HeapBackend(int bytesPerElement) {
        this.bytesPerElement = bytesPerElement;
    }

    protected abstract A newArray(int length);

    /** The array length that serves a request; coarser classes are reused more often and waste more. */
    protected abstract int sizeClass(int length);

    @Override
    public final synchronized Object allocate(long elements) {
        if (elements > Integer.MAX_VALUE - 64) {
            throw new StampException("A tensor of " + elements + " elements is too large for the backend " + name()
                    + "; use a smaller batch.");
        }
        int length = sizeClass((int) elements);
        long bytes = (long) length * bytesPerElement;
        liveBytes += bytes;
        peakBytes = Math.max(peakBytes, liveBytes);
        Deque<A> free = pool.get(length);
        if (free != null && !free.isEmpty()) {
            pooledBytes -= bytes;
            return free.pop();
        }
        return newArray(length);
    }

    @Override
    @SuppressWarnings("unchecked")
    public final synchronized void free(Object memory, long elements) {
        int length = sizeClass((int) elements);
        long bytes = (long) length * bytesPerElement;
        liveBytes -= bytes;
        pooledBytes += bytes;
        pool.computeIfAbsent(length, key -> new ArrayDeque<>()).push((A) memory);
        if (pooledBytes > 2 * peakBytes + POOL_SLACK_BYTES) {
            trim();
        }
    }

    /** Lets go of the arrays kept for reuse. */
    public final synchronized void trim() {
        pool.clear();
        pooledBytes = 0;
    }

    @Override
    public final synchronized MemoryUse memory() {
        return new MemoryUse(liveBytes, peakBytes, pooledBytes);
    }
}
