package io.stamp.engine.optim;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.Map;
import java.util.TreeMap;

/** Adam with the damping inside of the root; see {@link AdamStep}. */
public final class Adam implements Optimiser {
    private static final String FIRST = "first.";
    private static final String SECOND = "second.";

    public record Options(double beta1, double beta2, double epsilon) {
        public static final Options DEFAULT = new Options(0.9, 0.999, 1e-8);
    }

    private final Options options;
    private final Parameters moments;
    private long steps;

    /** Starts with zero moments, owned by the current scope. */
    public Adam(Options options, Parameters parameters) {
        this(options, zeroMoments(parameters), 0);
    }

    /** Continues with stored moments. */
    public Adam(Options options, Parameters moments, long steps) {
        this.options = options;
        this.moments = moments;
        this.steps = steps;
    }

    private static Parameters zeroMoments(Parameters parameters) {
        Map<String, Tensor> zeros = new TreeMap<>();
        parameters.zeros().asMap().forEach((name, zero) -> zeros.put(FIRST + name, zero));
        parameters.zeros().asMap().forEach((name, zero) -> zeros.put(SECOND + name, zero));
        return new Parameters(zeros);
    }

    @Override
    public void step(Parameters parameters, Parameters gradients, double rate) {
        steps++;
        AdamStep step = new AdamStep(rate, options.beta1, options.beta2, options.epsilon, steps);
        for (String name : parameters.names()) {
            step.run(parameters.get(name), moments.get(FIRST + name), moments.get(SECOND + name), gradients.get(name));
        }
    }

    @Override
    public Parameters state() {
        return moments;
    }

    @Override
    public long steps() {
        return steps;
    }
}
