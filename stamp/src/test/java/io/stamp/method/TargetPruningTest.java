package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.Parity;
import io.stamp.prune.PruningPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetPruningTest {
    private static final Methods METHODS = Methods.onClassPath();

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
                "random",
                "l1",
                "l1@global",
                "taylor",
                "taylor@global",
                "stamp",
                "no-set",
                "no-meta",
                "stamp@uniform",
                "random@stamp",
                "stamp@random",
                "l1@best-of-random"
            })
    void theSmallNetworkOfEveryMethodComputesWhatTheMaskedOneComputes(String name) {
        try (Scope _ = Scope.open()) {
            TargetPruning.Choice choice = world.pruning.choose(METHODS.pruner(name));

            TargetPruning.Start start = world.pruning.start(choice, 16);

            CompactModel compact = start.compact().orElseThrow();
            PruningPlan plan = choice.plan();
            assertThat(plan.budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
            assertThat(start.model().network().trace().parameterCount())
                    .isEqualTo(plan.achieved().parameters())
                    .isLessThan(plan.full().parameters());
            assertThat(compact.parity().reference()).isLessThanOrEqualTo(Parity.REFERENCE_BOUND);
            Tensor images = world.task().images(IntStream.range(0, 8).toArray());
            double[] masked =
                    MaskedModel.of(choice.pruned().start(), plan).logits(images).doubles();
            double[] small = Compaction.transform(choice.pruned().start(), plan, Map.of())
                    .logits(images)
                    .doubles();
            assertThat(small).usingComparatorWithPrecision(1e-4).containsExactly(masked);
        }
    }

    @Test
    void aNetworkThatIsLeftWholeGetsTheStatisticsOfTheTargetAndSharesNothing() {
        try (Scope _ = Scope.open()) {
            double[] before = world.backbone.state().tensors().getFirst().doubles();
            TargetPruning.Choice choice = world.pruning.choose(METHODS.pruner("full"));

            TargetPruning.Start start = world.pruning.start(choice, 16);

            assertThat(start.compact()).isEmpty();
            assertThat(start.model().network().channels())
                    .isEqualTo(world.backbone.network().channels());
            assertThat(start.model().state().tensors().getFirst().doubles()).isNotEqualTo(before);
            assertThat(world.backbone.state().tensors().getFirst().doubles()).isEqualTo(before);
            assertThatThrownBy(choice::plan).isInstanceOf(StampException.class).hasMessageContaining("removes nothing");
        }
    }

    @Test
    void whatAMethodNeedsHasToBeThere() {
        TargetPruning bare = world.pruning.with(world.task().withGenerators(List.of()));

        assertThatThrownBy(() -> bare.choose(METHODS.pruner("random@stamp")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'random@stamp' needs a meta-trained generator");
        assertThatThrownBy(() -> bare.choose(METHODS.pruner("no-set")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("--pooling no_set");
        try (Scope _ = Scope.open()) {
            assertThat(bare.choose(METHODS.pruner("no-meta")).plan().widths()).isNotEmpty();
        }
    }

    /** One that changes weights and leaves gates other than 1, as reconstructing and learnt methods do. */
    private record Halving() implements Pruner {
        @Override
        public String name() {
            return "halving";
        }

        @Override
        public String explanation() {
            return "doubles all weights of the head and halves what it reads";
        }

        @Override
        public Pruned prune(PruningTask task) {
            Model trained =
                    task.model().withParameters(task.model().parameters().map(tensor -> tensor.times(1)));
            Model changed = trained.withHead(task.head().map(tensor -> tensor.times(2)));
            Map<String, Tensor> halves = new TreeMap<>();
            int size = task.groups().get("top").size();
            halves.put("top", Tensor.filled(backend, Shape.of(size), 0.5));
            PruningPlan plan = PruningPlan.of(task.groups(), Map.of("inner", List.of(0, 1, 2)));
            return new Pruned(Optional.of(plan), changed, Map.of(), halves, Parameters.empty(), Map.of("sweeps", 1));
        }
    }

    @Test
    void whereTheWeightsAreThePretrainedOnesTheHeadIsFittedToWhatIsLeft() {
        try (Scope _ = Scope.open()) {
            TargetPruning.Choice choice =
                    world.pruning.choose(Methods.onClassPath().pruner("l1"));
            Model cut = Compaction.of(choice.pruned().start(), choice.plan(), Compaction.Companions.none())
                    .model();

            Model small = world.pruning.start(choice, 16).model();

            assertThat(loss(small)).isLessThan(loss(small.withHead(cut.head())));
        }
    }

    /** On the training images of the target. */
    private static double loss(Model model) {
        int[] all = world.task().sample(1, world.task().target().train().size());
        Tensor logits = model.forward(BatchNormMode.RUNNING).logits(world.task().images(all));
        return Layers.crossEntropy(logits, world.task().labels(all)).scalar();
    }

    @Test
    void changedWeightsAndGatesReachTheSmallNetwork() {
        try (Scope _ = Scope.open()) {
            TargetPruning.Choice choice = world.pruning.choose(new Halving());

            Model small = world.pruning.start(choice, 16).model();

            double[] weight = small.parameters().get("head.weight").doubles();
            double[] before = world.task().head().get("head.weight").doubles();
            assertThat(weight).as("2 x 0.5").usingComparatorWithPrecision(1e-6).containsExactly(before);
            double[] bias = small.parameters().get("head.bias").doubles();
            double[] biasBefore = world.task().head().get("head.bias").doubles();
            for (int i = 0; i < bias.length; i++) {
                assertThat(bias[i]).isEqualTo(2 * biasBefore[i]);
            }
        }
    }
}
