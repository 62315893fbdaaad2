package io.stamp.prune;

import io.stamp.engine.StampException;
import java.util.OptionalLong;

/**
 * What a network costs.
 *
 * @param parameters weights, biases, batch-norm scales and shifts
 * @param macs multiply-accumulate operations of convolutions and linear layers, per image
 * @param nanoseconds that a batch takes in inference, by a {@link LatencyTable}; empty where none was measured
 */
public record Cost(long parameters, long macs, OptionalLong nanoseconds) {
    /** What a budget can be about. */
    public enum Kind {
        PARAMETERS("params"),
        MACS("macs"),
        LATENCY("latency");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Without a latency. */
    public Cost(long parameters, long macs) {
        this(parameters, macs, OptionalLong.empty());
    }

    /** @throws StampException where it is a latency that was not measured */
    public long of(Kind kind) {
        return switch (kind) {
            case PARAMETERS -> parameters;
            case MACS -> macs;
            case LATENCY ->
                nanoseconds.orElseThrow(() -> new StampException(
                        "The latency of the network is not known, since no table of it was measured; give a budget of "
                                + Kind.MACS + " or " + Kind.PARAMETERS + "."));
        };
    }
}
