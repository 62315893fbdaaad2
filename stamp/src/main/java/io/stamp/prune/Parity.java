package io.stamp.prune;

import io.stamp.engine.FailedException;
import java.util.Locale;

/**
 * How far the logits of a compacted model are from those of the masked one: {@code max|difference| / max|logit|}.
 *
 * @param reference in float64 on the reference backend
 * @param running on the backend that the model lives on
 * @param backend that backend's name
 */
public record Parity(double reference, double running, String backend) {
    public static final double REFERENCE_BOUND = 1e-9;
    public static final double RUNNING_BOUND = 1e-4;

    /** An error with the figures where a bound is passed, or a figure is not a number. */
    public Parity require() {
        if (Double.isNaN(reference) || Double.isNaN(running)) {
            throw new FailedException(
                    "The compacted model cannot be compared with the masked one: logits are all 0, or some are NaN; train the model"
                            + " before it is pruned.");
        }
        if (!(reference <= REFERENCE_BOUND && running <= RUNNING_BOUND)) {
            throw new FailedException("The compacted model does not compute what the masked model computes: " + this
                    + "; this compaction must not be used.");
        }
        return this;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "masked = compacted up to %.1e in reference (bound %.0e) and %.1e on %s (bound %.0e)",
                reference,
                REFERENCE_BOUND,
                running,
                backend,
                RUNNING_BOUND);
    }
}
