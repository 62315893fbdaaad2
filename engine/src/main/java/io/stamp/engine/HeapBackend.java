package io.stamp.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What backends on Java arrays share: a pool of arrays by size class, and the account of live bytes. Thread-safe. The pool serves
 * runs that repeat; where shapes keep changing it is emptied before it holds much more than ever was in use, and where the heap is
 * full before that is a {@link StampException}.
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

    /** Called when nobody uses the array any more. */
    protected void freed(A array) {}

    @Override
    public final synchronized Object allocate(long elements) {
        if (elements > Integer.MAX_VALUE - 64) {
            throw new StampException("A tensor of " + elements + " elements is too large for the backend " + name()
                    + "; use a smaller batch.");
        }
        int length = sizeClass((int) elements);
        long bytes = (long) length * bytesPerElement;
        Deque<A> free = pool.get(length);
        A array;
        if (free != null && !free.isEmpty()) {
            pooledBytes -= bytes;
            array = free.pop();
        } else {
            array = newArrayOrTrim(length, bytes);
        }
        liveBytes += bytes;
        peakBytes = Math.max(peakBytes, liveBytes);
        return array;
    }

    /** The pool may hold the missing memory in arrays of other sizes, so it is emptied before a full heap is an error. */
    private A newArrayOrTrim(int length, long bytes) {
        try {
            return newArray(length);
        } catch (OutOfMemoryError full) {
            trim();
        }
        try {
            return newArray(length);
        } catch (OutOfMemoryError full) {
            throw new FailedException(
                    String.format(
                            Locale.ROOT,
                            "The memory is full: a tensor of %s does not fit beside the %s of tensors that the backend %s holds"
                                    + " (heap limit %s); use a smaller batch, or allow more with java -Xmx.",
                            mebibytes(bytes),
                            mebibytes(liveBytes),
                            name(),
                            mebibytes(Runtime.getRuntime().maxMemory())),
                    full);
        }
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1L << 20));
    }

    @Override
    @SuppressWarnings("unchecked")
    public final synchronized void free(Object memory, long elements) {
        int length = sizeClass((int) elements);
        long bytes = (long) length * bytesPerElement;
        liveBytes -= bytes;
        pooledBytes += bytes;
        freed((A) memory);
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
