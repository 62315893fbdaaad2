package io.stamp.prune;

/**
 * What a network costs.
 *
 * @param parameters weights, biases, batch-norm scales and shifts
 * @param macs multiply-accumulate operations of convolutions and linear layers, per image
 */
public record Cost(long parameters, long macs) {
    /** What a budget can be about. */
    public enum Kind {
        PARAMETERS("params"),
        MACS("macs");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public long of(Kind kind) {
        return kind == Kind.PARAMETERS ? parameters : macs;
    }
}
