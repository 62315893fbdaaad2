package io.stamp.engine.optim;

import io.stamp.engine.Input;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.ArrayList;
import java.util.List;

/** Stochastic gradient descent with momentum and weight decay; see {@link SgdStep}. */
public final class Sgd implements Optimiser {
    /**
     * @param momentum 0 for none
     * @param decay L2 penalty of weights, see {@link SgdStep}
     */
    public record Options(double momentum, double decay, boolean nesterov) {}

    private final Options options;
    private final Parameters velocity;
    private final Input rate;
    private long steps;

    /** Starts with zero velocity, owned by the current scope. */
    public Sgd(Options options, Parameters parameters) {
        this(options, parameters.zeros(), 0);
    }

    /** Continues with a stored velocity; the current scope owns what the optimiser has beside it. */
    public Sgd(Options options, Parameters velocity, long steps) {
        this.options = options;
        this.velocity = velocity;
        this.rate = Input.of(velocity.backend(), Shape.of(1));
        this.steps = steps;
    }

    @Override
    public void begin(double nextRate) {
        rate.set(nextRate);
        steps++;
    }

    @Override
    public void apply(Parameters parameters, Parameters gradients) {
        List<List<Tensor>> tuples = new ArrayList<>();
        for (String name : parameters.names()) {
            tuples.add(List.of(parameters.get(name), velocity.get(name), gradients.get(name), rate.tensor()));
        }
        new SgdStep(options.momentum, options.decay, options.nesterov).runAll(tuples);
    }

    @Override
    public Parameters state() {
        return velocity;
    }

    @Override
    public long steps() {
        return steps;
    }

    /** {@code p - rate * g} as new tensors, differentiable where the gradients are. */
    public static Parameters differentiableStep(Parameters parameters, List<Tensor> gradients, double rate) {
        return parameters.zip(parameters.withTensors(gradients), (p, g) -> p.plus(g.times(-rate)));
    }
}
