package io.stamp.tests.op;

import io.stamp.bench.suite.Domain;
import io.stamp.engine.Shape;
import io.stamp.engine.Update;
import io.stamp.engine.optim.AdamStep;
import io.stamp.engine.optim.MovingAverage;
import io.stamp.engine.optim.SgdStep;
import io.stamp.engine.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The one description of an update for tests.
 *
 * @param domains where the values of each of its tensors lie
 */
record UpdateSpec(Update update, List<Domain> domains) {
    static List<UpdateSpec> all() {
        List<Domain> adam = List.of(Domain.NORMAL, Domain.NORMAL, Domain.POSITIVE, Domain.NORMAL);
        List<Domain> sgd = List.of(Domain.NORMAL, Domain.NORMAL, Domain.NORMAL);
        List<Domain> average = List.of(Domain.NORMAL, Domain.NORMAL);
        return List.of(
                new UpdateSpec(new SgdStep(0.1, 0, 0, false), sgd),
                new UpdateSpec(new SgdStep(0.1, 0.9, 5e-4, false), sgd),
                new UpdateSpec(new SgdStep(0.1, 0.9, 5e-4, true), sgd),
                new UpdateSpec(new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1), adam),
                new UpdateSpec(new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1000), adam),
                new UpdateSpec(new MovingAverage(0.1), average),
                new UpdateSpec(new MovingAverage(1), average));
    }

    List<double[]> draw(Shape shape) {
        RandomStream random = new RandomStream(22, domains.size());
        List<double[]> values = new ArrayList<>();
        for (Domain domain : domains) {
            values.add(domain.draw(shape.length(), random));
        }
        return values;
    }
}
