package io.stamp.meta;

import io.stamp.train.ProgressListener;

/** A listener that ends the work with an exception after some of it, and remembers where the work began. */
class Interruption implements ProgressListener {
    static final long NEVER = Long.MAX_VALUE;

    /** What {@link #advance} throws. */
    static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final long last;
    private long begun = -1;

    /** Ends the work when {@code last} or more of it is done. */
    Interruption(long last) {
        this.last = last;
    }

    @Override
    public void start(String phase, long done, long total, String unit) {
        begun = done;
    }

    @Override
    public void advance(long done, String note) {
        if (done >= last) {
            throw new Interrupted();
        }
    }

    @Override
    public void finish() {}

    /** How much had been done when the work began. */
    long begun() {
        return begun;
    }
}
