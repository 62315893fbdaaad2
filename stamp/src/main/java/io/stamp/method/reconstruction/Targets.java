package io.stamp.method.reconstruction;

/** What the outputs of reading layers should be, and how much each of them matters. */
public interface Targets {
    /**
     * What an output should be.
     *
     * @param output counted within the layer
     * @param actual what it is while all channels of the group are there
     */
    double of(String layer, int row, int output, double actual);

    /** How much the squared error of an output counts. */
    default double weight(String layer, int row, int output) {
        return 1;
    }
}
