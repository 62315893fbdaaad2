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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The one description of an update for tests.
 *
 * @param domains where the values of each of its tensors of one shape lie
 * @param factors values of the tensor that follows them; none if there is no such tensor
 */
public record UpdateSpec(Update update, List<Domain> domains, double... factors) {
    /** Around the lanes of vectors and the blocks of devices, and more than one task's share; parameters of one axis and of two. */
    private static final List<Shape> SHAPES = IntStream.of(1, 3, 7, 15, 16, 17, 31, 33, 389, 1024, 70001)
            .boxed()
            .flatMap(size -> Stream.of(Shape.of(size), Shape.of(size, 1)))
            .toList();

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

    /** The values of all tensors of a tuple where those of one shape have this one. */
    private List<double[]> draw(Shape shape) {
        RandomStream random = new RandomStream(22, shape.rank());
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

    private List<Tensor> tuple(Backend backend, Shape shape) {
        List<double[]> values = draw(shape);
        return IntStream.range(0, values.size())
                .mapToObj(i -> Tensor.of(backend, shape(i, shape), values.get(i)))
                .toList();
    }

    /** The values of the tensors of tuples of many shapes, after they were updated in one call or each in its own. */
    public List<List<double[]>> after(Backend backend, boolean together) {
        try (Scope _ = Scope.open()) {
            List<List<Tensor>> tuples =
                    SHAPES.stream().map(shape -> tuple(backend, shape)).toList();
            if (together) {
                update.runAll(tuples);
            } else {
                tuples.forEach(tuple -> update.run(tuple.toArray(Tensor[]::new)));
            }
            return tuples.stream()
                    .map(tuple -> tuple.stream().map(Tensor::doubles).toList())
                    .toList();
        }
    }

    /** What a backend changes beside what the oracle changes; tensors that are only read have to stay as they are. */
    public List<Closeness> compare(Backend backend, Backend oracle) {
        List<List<double[]>> expected = after(oracle, true);
        List<List<double[]>> actual = after(backend, true);
        List<Closeness> all = new ArrayList<>();
        for (int t = 0; t < actual.size(); t++) {
            List<double[]> before = draw(SHAPES.get(t));
            for (int i = 0; i < before.size(); i++) {
                String what = Comparison.label(backend) + ", tensor " + i + " of " + SHAPES.get(t);
                double[] values = actual.get(t).get(i);
                all.add(
                        i < update.mutated()
                                ? Closeness.of(what, values, expected.get(t).get(i), TOLERANCE, 0)
                                : Closeness.of(what, values, before.get(i), 0, 0));
            }
        }
        return all;
    }

    @Override
    public String toString() {
        return update + " with " + Arrays.toString(factors);
    }
}
