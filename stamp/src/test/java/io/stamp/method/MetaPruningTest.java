package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.FailedException;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.method.pruner.MetaPruning;
import io.stamp.method.pruner.WidthEvolution;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.Compaction;
import io.stamp.prune.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The evolution on a loss whose best widths are known, and the whole method on a small network. */
class MetaPruningTest {
    private static final ToDoubleFunction<PruningPlan> DISTANCE = MetaPruningTest::distance;

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

    private static PruningTask resnet(long seed) {
        Model model = Model.init(backend, Models.create("resnet20", 10, 0.5), 1);
        return PruningWorld.task(model, Budget.macs(0.4), seed);
    }

    /** Every second group wants to be narrow, the others wide. */
    private static double distance(PruningPlan plan) {
        double sum = 0;
        int number = 0;
        for (Map.Entry<String, Integer> width : plan.widths().entrySet()) {
            double share = (double) width.getValue()
                    / plan.groups().get(width.getKey()).size();
            sum += Math.pow(share - (number++ % 2 == 0 ? 0.3 : 0.9), 2);
        }
        return sum;
    }

    @Test
    void evolutionFindsBetterWidthsThanAsManyRandomOnes() {
        for (long seed = 1; seed <= 3; seed++) {
            PruningTask task = resnet(seed);
            List<PruningPlan> seen = new ArrayList<>();

            WidthEvolution.Found evolved = new WidthEvolution(16, 8, 6, 0.1).search(task, plan -> {
                seen.add(plan);
                return distance(plan);
            });

            WidthEvolution.Found random = new WidthEvolution(16 * 9, 0, 6, 0.1).search(task, DISTANCE);
            assertThat(evolved.best().loss()).isLessThan(0.8 * random.best().loss());
            assertThat(evolved.candidates()).isEqualTo(seen.size());
            assertThat(seen.stream().mapToDouble(DISTANCE).min().orElseThrow())
                    .isEqualTo(evolved.best().loss());
            assertThat(seen).allSatisfy(plan -> {
                assertThat(plan.budgetUsed().orElseThrow()).isBetween(0.95, 1.0);
                plan.kept().values().forEach(kept -> assertThat(kept)
                        .as("the first channels")
                        .isEqualTo(IntStream.range(0, kept.size()).boxed().toList()));
            });
            assertThat(seen.stream().map(PruningPlan::widths)).doesNotHaveDuplicates();
        }
    }

    @Test
    void aLossThatIsNoNumberIsNeverTheBest() {
        PruningTask task = resnet(1);

        WidthEvolution.Found found = new WidthEvolution(8, 2, 3, 0.2)
                .search(task, plan -> plan.widths().hashCode() % 2 == 0 ? Double.NaN : distance(plan));

        assertThat(found.best().loss()).isFinite();
        assertThatThrownBy(() -> new WidthEvolution(4, 1, 3, 0.2).search(task, _ -> Double.NaN))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("has a finite loss");
    }

    private static TargetPruning pruning(int generations) {
        PruningTask task = world.task();
        return world.pruning.with(task.withSettings(task.settings()
                .with(MetaPruning.EPOCHS, 4)
                .with(MetaPruning.BATCH, 32)
                .with(MetaPruning.POPULATION, 6)
                .with(MetaPruning.GENERATIONS, generations)));
    }

    @Test
    void theBestFitsTheBudgetAndIsNoWorseThanRandomWidths() {
        try (Scope _ = Scope.open()) {
            double[] before =
                    world.task().model().parameters().get("inner.weight").doubles();
            TargetPruning pruning = pruning(3);

            TargetPruning.Choice choice = pruning.choose(new MetaPruning());

            Pruned random = pruning(0).choose(new MetaPruning()).pruned();
            Pruned evolved = choice.pruned();
            assertThat(loss(evolved)).isPositive().isLessThanOrEqualTo(loss(random));
            assertThat((int) evolved.details().get("candidates")).isBetween(7, 24);
            assertThat(choice.plan().budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
            assertThat(choice.plan().widths().values()).allMatch(width -> width >= PruningPlan.MINIMUM_CHANNELS);
            assertThat(world.task().model().parameters().get("inner.weight").doubles())
                    .as("the task's model")
                    .isEqualTo(before);
            TargetPruning.Start start = pruning.start(choice, 16);
            Tensor images = world.task().images(new int[] {0, 1, 2, 3});
            Model slice = Compaction.transform(evolved.start(), choice.plan(), Map.of());
            assertThat(start.model().parameters().get("inner.weight").doubles())
                    .as("the generated weights")
                    .isEqualTo(slice.parameters().get("inner.weight").doubles());
            assertThat(start.model().logits(images).doubles()).doesNotContain(Double.NaN);
            assertThat(pruning.choose(new MetaPruning()).plan().kept())
                    .as("the same seed")
                    .isEqualTo(choice.plan().kept());
        }
    }

    private static double loss(Pruned pruned) {
        return (double) pruned.details().get("search_loss");
    }

    @Test
    void aBudgetOutOfReachIsToldBeforeTheTraining() {
        PruningTask task = PruningWorld.task(world.backbone, Budget.macs(0.001), 1);

        assertThatThrownBy(() -> new MetaPruning().prune(task))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("cannot be reached");
    }
}
