package io.stamp.engine.optim;

import io.stamp.engine.Input;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adam with the damping inside of the root; see {@link AdamStep}. */
public final class Adam implements Optimiser {
    private static final String FIRST = "first.";
    private static final String SECOND = "second.";

    public record Options(double beta1, double beta2, double epsilon) {
        public static final Options DEFAULT = new Options(0.9, 0.999, 1e-8);

        /** {@code 1 - beta1^step}; steps count from 1. */
        double correction1(long step) {
            return 1 - Math.pow(beta1, step);
        }

        /** {@code 1 - beta2^step}. */
        double correction2(long step) {
            return 1 - Math.pow(beta2, step);
        }

        /** The factors of {@link AdamStep} in a step, which counts from 1. */
        public double[] factors(double rate, long step) {
            return new double[] {rate / correction1(step), 1 / correction2(step)};
        }
    }

    private final Options options;
    private final Parameters moments;
    private final Input factors;
    private long steps;

    /** Starts with zero moments, owned by the current scope. */
    public Adam(Options options, Parameters parameters) {
        this(options, zeroMoments(parameters), 0);
    }

    /** Continues with stored moments; the current scope owns what the optimiser has beside them. */
    public Adam(Options options, Parameters moments, long steps) {
        this.options = options;
        this.moments = moments;
        this.factors = Input.of(moments.backend(), Shape.of(AdamStep.FACTORS));
        this.steps = steps;
    }

    private static Parameters zeroMoments(Parameters parameters) {
        Map<String, Tensor> zeros = new TreeMap<>();
        parameters.zeros().asMap().forEach((name, zero) -> zeros.put(FIRST + name, zero));
        parameters.zeros().asMap().forEach((name, zero) -> zeros.put(SECOND + name, zero));
        return new Parameters(zeros);
    }

    @Override
    public void begin(double rate) {
        steps++;
        factors.set(options.factors(rate, steps));
    }

    @Override
    public void apply(Parameters parameters, Parameters gradients) {
        List<List<Tensor>> tuples = new ArrayList<>();
        for (String name : parameters.names()) {
            tuples.add(List.of(
                    parameters.get(name),
                    moments.get(FIRST + name),
                    moments.get(SECOND + name),
                    gradients.get(name),
                    factors.tensor()));
        }
        new AdamStep(options.beta1, options.beta2, options.epsilon).runAll(tuples);
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
