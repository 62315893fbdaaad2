package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Slice;
import io.stamp.meta.GeneratorConfig.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskGeneratorTest {
    /**
     * Adam moves every output weight equally far, so that what a step does to a mask goes with the sum of the hidden units in front of them:
     * an ablation with smaller ones would learn more slowly, for no reason that has to do with the set.
     */
    @Test
    void hiddenUnitsAreAsLargeWithoutASetAsWithOne() {
        try (Backend backend = Backends.open("vector", 1);
                Scope _ = Scope.open()) {
            SmallWorld world = new SmallWorld(backend);
            double without = hidden(world, Pooling.NO_SET);

            assertThat(without).isBetween(12.0, 18.0);
            for (Pooling pooling : List.of(Pooling.ATTENTION, Pooling.MEAN)) {
                assertThat(hidden(world, pooling) / without)
                        .as(pooling.toString())
                        .isCloseTo(1, within(0.05));
            }
        }
    }

    /** Sum of a mask function's hidden units at the start, mean over groups and seeds. */
    private static double hidden(SmallWorld world, Pooling pooling) {
        MaskGenerator function = new MaskGenerator(
                GeneratorConfig.DEFAULT.withPooling(pooling), BetaBernoulli.DEFAULT, world.groups.sizes());
        SetStatistics set = world.pool().statistics(IntStream.range(0, 30).toArray());
        List<Double> sums = new ArrayList<>();
        for (int seed = 0; seed < 40; seed++) {
            try (Scope _ = Scope.open()) {
                Parameters p = function.initialise(world.backbone.backend(), seed);
                Tensor embeddings = function.encode(p, set);
                int row = 0;
                for (String group : function.groups().keySet()) {
                    Tensor embedding = Slice.of(embeddings, 0, row, ++row);
                    sums.add(MaskGenerator.hidden(p, "mask." + group, embedding, 0.3)
                            .sum()
                            .scalar());
                }
            }
        }
        return sums.stream().mapToDouble(sum -> sum).average().orElseThrow();
    }
}
