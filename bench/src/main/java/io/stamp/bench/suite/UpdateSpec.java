package io.stamp.bench.suite;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.Update;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.engine.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The one description of an update for tests.
 *
 * @param domains where the values of each of its tensors of one shape lie
 * @param factors values of the tensor that follows them; none if there is no such tensor
 */
public record UpdateSpec(Update update, List<Domain> domains, double... factors) {
    /** Numbers of elements around the lanes of vectors and the blocks of devices, and more than one task's share. */
    public static final List<Integer> SIZES = List.of(1, 3, 7, 15, 16, 17, 31, 33, 389, 70001);

    private static final double TOLERANCE = 1e-6;

    public static List<UpdateSpec> all() {
        List<Domain> adam = List.of(Domain.NORMAL, Domain.NORMAL, Domain.POSITIVE, Domain.NORMAL);
        List<Domain> sgd = List.of(Domain.NORMAL, Domain.NORMAL, Domain.NORMAL);
        List<Domain> average = List.of(Domain.NORMAL, Domain.NORMAL);
        return List.of(
                new UpdateSpec(new SgdStep(0, 0, false), sgd, 0.1),
                new UpdateSpec(new SgdStep(0.9, 5e-4, false), sgd, 0.1),
                new UpdateSpec(new SgdStep(0.9, 5e-4, true), sgd, 0.1),
                new UpdateSpec(new AdamStep(0.9, 0.999, 1e-8), adam, factors(1)),
                new UpdateSpec(new AdamStep(0.9, 0.999, 1e-8), adam, factors(1000)),
                new UpdateSpec(new MovingAverage(0.1), average),
                new UpdateSpec(new MovingAverage(1), average));
    }

    private static double[] factors(long step) {
        return Adam.Options.DEFAULT.factors(1e-3, step);
    }

    /** What float32 stores, so that all backends read the same. */
    private double[] storedFactors() {
        return Arrays.stream(factors).map(factor -> (float) factor).toArray();
    }

    /** The values of all tensors where those of one shape have this one. */
    public List<double[]> draw(Shape shape) {
        RandomStream random = new RandomStream(22, domains.size());
        List<double[]> values = new ArrayList<>();
        for (Domain domain : domains) {
            values.add(domain.draw(shape.length(), random));
        }
        if (factors.length > 0) {
            values.add(storedFactors());
        }
        return values;
    }

    /** The shape of tensor {@code i} where those of one shape have this one. */
    private Shape shape(int i, Shape shape) {
        return i < domains.size() ? shape : Shape.of(factors.length);
    }

    /** The values of all tensors after the update, on a backend. */
    public List<double[]> after(Backend backend, Shape shape, List<double[]> before) {
        try (Scope _ = Scope.open()) {
            Tensor[] tensors = new Tensor[before.size()];
            for (int i = 0; i < tensors.length; i++) {
                tensors[i] = Tensor.of(backend, shape(i, shape), before.get(i));
            }
            update.run(tensors);
            return Arrays.stream(tensors).map(Tensor::doubles).toList();
        }
    }

    /** What a backend changes beside what the oracle changes; tensors that are only read have to stay as they are. */
    public List<Closeness> compare(Backend backend, Backend oracle, int size) {
        Shape shape = Shape.of(size);
        List<double[]> before = draw(shape);
        List<double[]> expected = after(oracle, shape, before);
        List<double[]> actual = after(backend, shape, before);
        List<Closeness> all = new ArrayList<>();
        for (int i = 0; i < actual.size(); i++) {
            String what = Comparison.label(backend) + ", tensor " + i + " of " + size;
            boolean changes = i < update.mutated();
            all.add(Closeness.of(
                    what, actual.get(i), changes ? expected.get(i) : before.get(i), changes ? TOLERANCE : 0, 0));
        }
        return all;
    }

    @Override
    public String toString() {
        return update + " with " + Arrays.toString(factors);
    }
}
