package io.stamp.engine.nn;

/** Where batch normalisation takes its statistics from. */
public enum BatchNormMode {
    /** From the batch, as in training. */
    BATCH,
    /** From the state, which training has averaged. */
    RUNNING
}
