package io.stamp.tests.op;

import io.stamp.bench.suite.Domain;
import io.stamp.engine.Shape;
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
record UpdateSpec(Update update, List<Domain> domains, double... factors) {
    static List<UpdateSpec> all() {
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

    /** The values of all tensors. */
    List<double[]> draw(Shape shape) {
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
    Shape shape(int i, Shape shape) {
        return i < domains.size() ? shape : Shape.of(factors.length);
    }

    @Override
    public String toString() {
        return update + " with " + Arrays.toString(factors);
    }
}
