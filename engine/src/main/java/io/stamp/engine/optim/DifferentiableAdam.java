package io.stamp.engine.optim;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.List;

/**
 * The steps of {@link Adam} as a pure function in tensor ops: (parameters, moments) go in, new ones come out, and gradients flow
 * through. Since the damping lies inside of the root, the derivative is finite even where a gradient is exactly zero.
 *
 * @param first first moments, by parameter name
 * @param second second moments
 */
public record DifferentiableAdam(Adam.Options options, Parameters first, Parameters second, long steps) {
    public static DifferentiableAdam start(Adam.Options options, Parameters parameters) {
        return new DifferentiableAdam(options, parameters.zeros(), parameters.zeros(), 0);
    }

    /** Parameters after a step, and the optimiser after it. */
    public record Stepped(Parameters parameters, DifferentiableAdam optimiser) {}

    public Stepped step(Parameters parameters, List<Tensor> gradients, double rate) {
        double scale1 = 1 / options.correction1(steps + 1);
        double scale2 = 1 / options.correction2(steps + 1);
        Parameters named = parameters.withTensors(gradients);
        Parameters m = first.zip(named, (old, g) -> old.times(options.beta1()).plus(g.times(1 - options.beta1())));
        Parameters v = second.zip(
                named, (old, g) -> old.times(options.beta2()).plus(g.times(g).times(1 - options.beta2())));
        double damping = options.epsilon() * options.epsilon();
        Parameters direction = m.zip(v, (mean, square) -> mean.times(scale1)
                .times(square.times(scale2).plus(damping).power(-0.5)));
        Parameters moved = parameters.zip(direction, (p, d) -> p.plus(d.times(-rate)));
        return new Stepped(moved, new DifferentiableAdam(options, m, v, steps + 1));
    }
}
