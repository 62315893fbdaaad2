package io.stamp.train;

/**
 * Is told how far long work has come; whoever runs the work decides what becomes of it. One phase at a time, all calls from
 * one thread.
 */
public interface ProgressListener {
    /** Ignores everything. */
    ProgressListener NONE = new ProgressListener() {
        @Override
        public void start(String phase, long done, long total, String unit) {}

        @Override
        public void advance(long done, String note) {}

        @Override
        public void finish() {}
    };

    /**
     * A phase begins.
     *
     * @param phase what is being done, a few words
     * @param done how much of it an earlier run has done already
     * @param total how much it is in all
     * @param unit what is counted, in the plural: {@code images}, {@code steps}
     */
    void start(String phase, long done, long total, String unit);

    /** A phase begins at its beginning. */
    default void start(String phase, long total, String unit) {
        start(phase, 0, total, unit);
    }

    /**
     * The phase has come further.
     *
     * @param done how much is done since the beginning of the phase, not since the last call
     * @param note a few words on how it goes, for example the loss; may be empty
     */
    void advance(long done, String note);

    /** The phase has ended, done or not. */
    void finish();
}
