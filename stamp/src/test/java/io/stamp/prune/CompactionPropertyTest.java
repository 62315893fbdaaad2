package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;

/** Random architectures with random plans compact to what the masked network computes. */
class CompactionPropertyTest {
    private static final int TRIES = 250;
    private static int compacted;

    /** Guards against a generator that has come to make only networks in which nothing can be removed. */
    @AfterContainer
    static void mostCasesWerePruned() {
        assertThat(compacted).isGreaterThan(TRIES);
    }

    private static Optional<PruningPlan> plan(ChannelGroups groups, long seed) {
        try {
            return Optional.of(PruningPlan.byThreshold(groups, Fixtures.scores(groups, seed), 0.5, 1));
        } catch (StampException nothingToRemove) {
            return Optional.empty();
        }
    }

    @Property(tries = TRIES, seed = "1", shrinking = ShrinkingMode.OFF)
    void maskedIsCompacted(@ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
        Network network = RandomNetwork.create(seed);
        plan(ChannelGroups.of(network), seed).ifPresent(plan -> compare(network, plan, seed));
    }

    private static void compare(Network network, PruningPlan plan, long seed) {
        compacted++;
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Fixtures.model(backend, network, seed);
            Tensor images = Fixtures.images(backend, network.input(), 2, seed);
            Map<String, Tensor> gates = Fixtures.gates(backend, plan.groups(), seed);
            Model compact = Compaction.transform(model, plan, Map.of());
            Model folded = Compaction.transform(model, plan, gates);
            for (BatchNormMode mode : BatchNormMode.values()) {
                assertThat(Fixtures.difference(MaskedModel.of(model, plan), compact, images, mode))
                        .as("%s, binary gates:%n%s", mode, plan.groups().explain())
                        .isLessThanOrEqualTo(1e-9);
                assertThat(Fixtures.difference(MaskedModel.of(model, plan, gates), folded, images, mode))
                        .as("%s, folded gates:%n%s", mode, plan.groups().explain())
                        .isLessThanOrEqualTo(1e-9);
            }
        }
    }

    @Property(tries = TRIES, seed = "2", shrinking = ShrinkingMode.OFF)
    void costIsThatOfTheCompactedNetwork(@ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
        Network network = RandomNetwork.create(seed);
        Network.Trace full = network.trace();
        ChannelGroups groups = ChannelGroups.of(network);
        assertThat(groups.cost().full()).isEqualTo(new Cost(full.parameterCount(), full.multiplyAccumulates()));
        plan(groups, seed).ifPresent(plan -> {
            compacted++;
            Network.Trace small = network.withChannels(plan.channels()).trace();
            assertThat(plan.achieved()).isEqualTo(new Cost(small.parameterCount(), small.multiplyAccumulates()));
            assertThat(plan.achieved().parameters()).isLessThan(plan.full().parameters());
        });
    }

    @Property(tries = 40, seed = "3", shrinking = ShrinkingMode.OFF)
    void optimiserStateIsSlicedLikeItsParameters(@ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
        Network network = RandomNetwork.create(seed);
        plan(ChannelGroups.of(network), seed).ifPresent(plan -> {
            try (ReferenceBackend backend = new ReferenceBackend();
                    Scope _ = Scope.open()) {
                Model model = Fixtures.model(backend, network, seed);
                Map<String, Tensor> state = new TreeMap<>();
                model.parameters().asMap().forEach((name, tensor) -> {
                    state.put("momentum." + name, tensor);
                    state.put("adam/second/" + name, tensor.times(2));
                });
                state.put("step", Tensor.scalar(backend, 17));
                CompactModel compact =
                        Compaction.of(model, plan, Compaction.Companions.none().withOptimiser(new Parameters(state)));
                Parameters small = compact.optimiser();
                assertThat(small.get("step").scalar()).isEqualTo(17);
                compact.model().parameters().asMap().forEach((name, tensor) -> {
                    assertThat(small.get("momentum." + name, tensor.shape()).doubles())
                            .isEqualTo(tensor.doubles());
                    assertThat(small.get("adam/second/" + name).doubles())
                            .isEqualTo(tensor.times(2).doubles());
                });
            }
        });
    }

    @Property(tries = 40, seed = "4", shrinking = ShrinkingMode.OFF)
    void theFullModelIsLeftAsItIs(@ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
        Network network = RandomNetwork.create(seed);
        plan(ChannelGroups.of(network), seed).ifPresent(plan -> {
            try (ReferenceBackend backend = new ReferenceBackend();
                    Scope _ = Scope.open()) {
                Model model = Fixtures.model(backend, network, seed);
                Map<String, double[]> before = new TreeMap<>();
                model.parameters().asMap().forEach((name, tensor) -> before.put(name, tensor.doubles()));
                CompactModel compact = Compaction.of(
                        model,
                        plan,
                        Compaction.Companions.none().withGates(Fixtures.gates(backend, plan.groups(), seed)));
                compact.model().parameters().close();
                compact.model().state().close();
                model.parameters().asMap().forEach((name, tensor) -> assertThat(tensor.doubles())
                        .as(name)
                        .isEqualTo(before.get(name)));
            }
        });
    }
}
