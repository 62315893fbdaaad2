package io.stamp.bench.suite;

import io.stamp.engine.Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * What backends make of one case of the op suite, beside what the oracle makes of it. float32 results may differ by the spec's tolerance,
 * scaled by the root of the longest reduction: rounding errors add up like a random walk.
 */
public record Comparison(OpSpec.Case test, Backend oracle) {
    /** Elements above which the reference is too slow for differences and second gradients. */
    private static final int LARGEST_DIFFERENCED = 5000;

    private static final double COMPOSED = 1e-12;
    private static final double SECOND_ORDER = 1e-4;

    /** Every case of every op and of the compositions. */
    public static List<OpSpec.Case> cases() {
        List<OpSpec.Case> cases = new ArrayList<>(OpSpecs.cases());
        cases.addAll(CompositeSpecs.cases());
        return List.copyOf(cases);
    }

    /** For people. */
    public static String label(Backend backend) {
        return backend.name() + " (" + backend.description() + ")";
    }

    /** Whether the case has gradients. */
    public boolean isDifferentiable() {
        return test.spec().differentiated(test.shapes()) > 0;
    }

    /** Whether it also has gradients of gradients, on few enough elements for the oracle. */
    public boolean isTwiceDifferentiated() {
        return isDifferentiable()
                && test.shapes().inputs().stream().allMatch(shape -> shape.size() <= LARGEST_DIFFERENCED);
    }

    private Evaluation on(Backend backend) {
        return new Evaluation(test.spec(), test.shapes(), backend);
    }

    /** The result on each backend. */
    public List<Closeness> values(List<Backend> backends) {
        List<double[]> inputs = test.spec().draw(test.shapes());
        double[] expected = on(oracle).value(inputs);
        double scale = Math.sqrt(Evaluation.longestReduction(test, false));
        return backends.stream()
                .map(backend -> Closeness.of(
                        label(backend),
                        on(backend).value(inputs),
                        expected,
                        test.spec().tolerance(),
                        scale))
                .toList();
    }

    /** First gradients on each backend: by the fast kernels, by differentiable ops, and the one against the other. */
    public List<Closeness> gradients(List<Backend> backends) {
        List<double[]> point = on(oracle).point();
        List<double[]> expected = on(oracle).gradients(point, false);
        List<Closeness> all = new ArrayList<>();
        compare(all, "the oracle, with graph", on(oracle).gradients(point, true), expected, COMPOSED, 1);
        double scale = Math.sqrt(Evaluation.longestReduction(test, true));
        double tolerance = 2 * test.spec().tolerance();
        for (Backend backend : backends) {
            String label = label(backend);
            List<double[]> fast = on(backend).gradients(point, false);
            List<double[]> composed = on(backend).gradients(point, true);
            compare(all, label, fast, expected, tolerance, scale);
            compare(all, label + " with graph", composed, expected, tolerance, scale);
            compare(all, label + " with and without graph", composed, fast, tolerance, scale);
        }
        return all;
    }

    /** Gradients of gradients on each backend. */
    public List<Closeness> secondGradients(List<Backend> backends) {
        List<double[]> point = on(oracle).point();
        List<double[]> expected = on(oracle).secondGradients(point);
        double scale = Math.sqrt(Evaluation.longestReduction(test, true));
        List<Closeness> all = new ArrayList<>();
        for (Backend backend : backends) {
            compare(all, label(backend), on(backend).secondGradients(point), expected, SECOND_ORDER, scale);
        }
        return all;
    }

    private static void compare(
            List<Closeness> all,
            String what,
            List<double[]> actual,
            List<double[]> expected,
            double tolerance,
            double scale) {
        for (int i = 0; i < expected.size(); i++) {
            all.add(Closeness.of(what + ", gradient " + i, actual.get(i), expected.get(i), tolerance, scale));
        }
    }
}
