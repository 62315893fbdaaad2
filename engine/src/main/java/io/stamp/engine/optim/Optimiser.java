package io.stamp.engine.optim;

import io.stamp.engine.nn.Parameters;

/**
 * Changes parameters in place, keeping its own state, which a checkpoint can store. A step has two halves, so that the second can be
 * recorded: {@link #begin} tells the device what is new in this step, and {@link #apply} reads it there.
 */
public sealed interface Optimiser permits Sgd, Adam {
    /** Begins a step: counts it and writes the learning rate, and what else depends on the number of the step, for {@link #apply}. */
    void begin(double rate);

    /** Moves the parameters by the step that was begun last; gradients have the names of the parameters. */
    void apply(Parameters parameters, Parameters gradients);

    /** One whole step with a learning rate. */
    default void step(Parameters parameters, Parameters gradients, double rate) {
        begin(rate);
        apply(parameters, gradients);
    }

    /** Momenta, by parameter name with a prefix; the tensors are live, not copies. */
    Parameters state();

    /** Steps begun. */
    long steps();
}
