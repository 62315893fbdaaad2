package io.stamp.kernels.dnn;

/** Times work on the device. */
public interface AlgorithmTimer extends AutoCloseable {
    /**
     * How long one run takes.
     *
     * @param name of what runs
     * @param run puts it into the stream; called as often as is needed
     * @param best what has been measured for something better, or infinity: a much longer time need not be exact
     * @return microseconds
     */
    double microseconds(String name, Runnable run, double best);

    @Override
    default void close() {
        // Most have nothing to give back.
    }
}
