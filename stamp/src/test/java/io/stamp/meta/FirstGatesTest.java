package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.FilterSums;
import io.stamp.prune.PruningPlan;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FirstGatesTest {
    @Test
    void everyGroupKeepsAboutTheSameShareOfItsLargestFilters() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, Models.create("resnet20", 10, 0.5), 1);
            ChannelGroups groups = ChannelGroups.of(model.network());

            Map<String, double[]> expected = FirstGates.of(groups, model.parameters());
            PruningPlan plan = PruningPlan.byScores(groups, expected, Budget.macs(0.3), PruningPlan.MINIMUM_CHANNELS);

            Map<String, double[]> norms =
                    FilterSums.of(groups, model.parameters(), Math::abs, DoubleUnaryOperator.identity());
            double share = 0.55;
            groups.sizes().forEach((group, size) -> {
                List<Integer> kept = List.copyOf(plan.kept().get(group));
                assertThat(kept.size()).as(group).isBetween((int) (share * size) - 1, (int) (share * size) + 1);
                assertThat(kept).as(group).containsExactlyInAnyOrderElementsOf(largest(norms.get(group), kept.size()));
            });
        }
    }

    private static List<Integer> largest(double[] norms, int count) {
        return IntStream.range(0, norms.length)
                .boxed()
                .sorted((i, k) -> Double.compare(norms[k], norms[i]))
                .limit(count)
                .toList();
    }
}
