package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.Parity;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every method that reconstructs. */
class ReconstructionPrunersTest {
    @ParameterizedTest
    @ValueSource(strings = {"thinet", "lasso", "dcp", "cpli"})
    void theyPruneWithinTheBudgetAtUniformWidthsAndLeaveTheTaskAsItIs(String name) {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningWorld world = new PruningWorld(backend);
            PruningTask task = world.task();
            List<Double> before = values(task);
            Pruner pruner = Methods.onClassPath().pruner(name);

            TargetPruning.Choice choice = world.pruning.choose(pruner);
            TargetPruning.Start start = world.pruning.start(choice, 16);

            PruningPlan plan = choice.plan();
            assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.9, 1.0);
            assertThat(plan.widths())
                    .isEqualTo(new PlanSearch(task.groups())
                            .byUniformRatio(choice.pruned().scores(), task.budget(), task.seed())
                            .widths());
            assertThat(start.compact().orElseThrow().parity().reference()).isLessThanOrEqualTo(Parity.REFERENCE_BOUND);
            assertThat(start.model().network().trace().parameterCount())
                    .isEqualTo(plan.achieved().parameters());
            assertThat(values(task)).isEqualTo(before);
            Pruned again = pruner.prune(task);
            assertThat(logits(task, again)).as("the same seed").isEqualTo(logits(task, choice.pruned()));
        }
    }

    private static List<Double> values(PruningTask task) {
        List<Double> all = new ArrayList<>();
        for (Parameters parameters :
                List.of(task.model().parameters(), task.model().state())) {
            for (Tensor tensor : parameters.tensors()) {
                for (double value : tensor.doubles()) {
                    all.add(value);
                }
            }
        }
        return all;
    }

    private static double[] logits(PruningTask task, Pruned pruned) {
        return MaskedModel.of(pruned.start(), pruned.plan().orElseThrow(), pruned.gates())
                .logits(task.images(IntStream.range(0, 8).toArray()))
                .doubles();
    }
}
