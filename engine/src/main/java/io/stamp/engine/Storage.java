package io.stamp.engine;

import java.util.concurrent.atomic.AtomicInteger;

/** Reference-counted memory of one backend: held by tensor handles and by the values that autograd saved. */
final class Storage {
    /** System property, see {@link KnownProperties}. */
    static final String ALLOCATION_SITES = "stamp.allocation-sites";

    private static final boolean RECORD_SITES = Boolean.getBoolean(ALLOCATION_SITES);

    final Backend backend;
    private final long elements;
    private final String origin;
    private final AtomicInteger references = new AtomicInteger(1);
    private Object memory;

    Storage(Backend backend, long elements, String opName) {
        this.backend = backend;
        this.elements = elements;
        this.origin = RECORD_SITES ? opName + " at " + callSite() : opName;
        this.memory = backend.allocate(elements, origin);
    }

    Object memory() {
        Object current = memory;
        if (current == null) {
            throw new IllegalStateException("This tensor's memory was freed; it was allocated by " + origin
                    + (RECORD_SITES ? "." : " (run with -Dstamp.allocation-sites=true to see where)."));
        }
        return current;
    }

    String origin() {
        return origin;
    }

    Storage retain() {
        memory();
        references.incrementAndGet();
        return this;
    }

    void release() {
        int left = references.decrementAndGet();
        if (left == 0) {
            Object freed = memory;
            memory = null;
            backend.free(freed, elements);
        } else if (left < 0) {
            throw new IllegalStateException("The memory allocated by " + origin + " was released too often.");
        }
    }

    private static String callSite() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().startsWith("io.stamp.engine."))
                        .findFirst()
                        .map(StackWalker.StackFrame::toString)
                        .orElse("an unknown place"));
    }
}
