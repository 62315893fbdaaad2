package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.Parity;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Criteria that score channels prune within the budget, by a repeatable choice, and leave the task's model as it is. */
class CriteriaPruneTest {
    private static final Methods METHODS = Methods.onClassPath();

    /** Trainings as short as they get. */
    private static final List<String> SHORT = List.of(
            "slimming.epochs=1",
            "slimming.batch=10",
            "group-lasso.epochs=1",
            "group-lasso.batch=10",
            "taylor-iterative.rounds=2",
            "taylor-iterative.steps=1",
            "taylor-iterative.batch=10");

    private static Backend backend;
    private static Scope scope;
    private static PruningWorld world;

    @BeforeAll
    static void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = new PruningWorld(backend);
    }

    @AfterAll
    static void close() {
        scope.close();
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "l2",
                "fpgm",
                "bn-scale",
                "bn-scale@uniform",
                "slimming",
                "group-lasso",
                "snip",
                "taylor-iterative",
                "taylor-iterative@uniform"
            })
    void theyPruneWithinTheBudgetAndRepeatably(String name) {
        try (Scope _ = Scope.open()) {
            Parameters before = world.task().model().parameters();
            List<double[]> values = values(before);

            TargetPruning.Choice choice = world.pruning.choose(METHODS.pruner(name));

            TargetPruning.Start start = world.pruning.start(choice, 16);
            PruningPlan plan = choice.plan();
            assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.9, 1.0);
            assertThat(start.compact().orElseThrow().parity().reference()).isLessThanOrEqualTo(Parity.REFERENCE_BOUND);
            assertThat(values(before)).usingRecursiveComparison().isEqualTo(values);
            TargetPruning.Choice again = world.pruning.choose(METHODS.pruner(name));
            assertThat(again.plan().kept()).isEqualTo(plan.kept());
            assertThat(values(again.pruned().start().parameters()))
                    .usingRecursiveComparison()
                    .isEqualTo(values(choice.pruned().start().parameters()));
        }
    }

    private static List<double[]> values(Parameters parameters) {
        return parameters.tensors().stream().map(tensor -> tensor.doubles()).toList();
    }

    @ParameterizedTest
    @CsvSource({"resnet20, 0.25", "vgg19, 0.1", "mobilenet, 0.15"})
    void theyPruneEveryKindOfNetwork(String network, double width) {
        try (Scope _ = Scope.open()) {
            Model model = Model.init(backend, Models.create(network, 10, width), 1);
            PruningTask task = PruningWorld.task(model, PruningWorld.BUDGET, 1).withSettings(Settings.parse(SHORT));
            // The logits of a deep network with the moments of a fresh one are all 0.
            Evaluator.recalibrate(
                    backend, model, task.target().train(), task.target().normalisation(), 20, 1, 1);
            Stream.of("l2", "fpgm", "bn-scale", "slimming", "group-lasso", "snip", "taylor-iterative")
                    .forEach(name -> {
                        Pruned pruned = METHODS.pruner(name).prune(task);

                        PruningPlan plan = pruned.plan().orElseThrow();
                        CompactModel compact = Compaction.of(pruned.start(), plan);
                        assertThat(plan.budgetUsed().orElseThrow()).as(name).isBetween(0.9, 1.0);
                        assertThat(compact.parity().reference()).isLessThanOrEqualTo(Parity.REFERENCE_BOUND);
                    });
        }
    }
}
