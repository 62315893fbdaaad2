package io.stamp.engine.optim;

import io.stamp.engine.nn.Parameters;

/** Changes parameters in place, keeping its own state, which a checkpoint can store. */
public sealed interface Optimiser permits Sgd, Adam {
    /** One step with a learning rate; gradients have the names of the parameters. */
    void step(Parameters parameters, Parameters gradients, double rate);

    /** Momenta, by parameter name with a prefix; the tensors are live, not copies. */
    Parameters state();

    /** Steps taken. */
    long steps();
}
