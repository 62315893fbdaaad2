package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.Models;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompactionTest {
    @ParameterizedTest
    @CsvSource({
        "resnet20, 0.5, reference",
        "resnet20, 1, vector",
        "resnet56, 0.25, vector",
        "resnet18, 0.125, vector",
        "vgg19, 0.125, vector",
        "mobilenet, 0.125, vector"
    })
    void everyModelCompactsWithAndWithoutGates(String name, double width, String backendName) {
        Network network = Models.create(name, 10, width);
        ChannelGroups groups = ChannelGroups.of(network);
        PruningPlan plan = PruningPlan.uniformRandom(groups, Budget.macs(0.3), 1);
        try (Backend backend = Backends.open(backendName, 2)) {
            try (Scope _ = Scope.open()) {
                Model model = Model.init(backend, network, 1);
                CompactModel compact = Compaction.of(model, plan);
                assertThat(compact.model().parameters().size())
                        .isEqualTo(plan.achieved().parameters());
                assertThat(compact.parity().reference()).isLessThanOrEqualTo(Parity.REFERENCE_BOUND);
                assertThat(compact.parity().backend()).isEqualTo(backendName);
                Compaction.Companions gates =
                        Compaction.Companions.none().withGates(Fixtures.gates(backend, groups, 2));
                CompactModel folded = Compaction.of(model, plan, gates);
                assertThat(folded.parity().running()).isLessThanOrEqualTo(Parity.RUNNING_BOUND);
            }
            assertThat(backend.memory().liveBytes()).isZero();
        }
    }

    @Test
    void aFlattenedChannelTakesAllItsPixelsWithIt() {
        Network network = Fixtures.network((forward, images) -> {
            var x = forward.conv("a", images, 3, 3, 16);
            return forward.linear("head", forward.flatten(x), forward.classes());
        });
        ChannelGroups groups = ChannelGroups.of(network);
        PruningPlan plan = PruningPlan.of(groups, Map.of("a", List.of(0, 2)));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, network, 1);
            double[] marks = new double[3 * 12];
            for (int i = 0; i < marks.length; i++) {
                marks[i] = i % 12 % 3 + 10 * (i % 12 / 3);
            }
            Map<String, Tensor> marked = new TreeMap<>(model.parameters().asMap());
            marked.put("head.weight", Tensor.of(backend, Shape.of(3, 12), marks));
            CompactModel compact = Compaction.of(model.withParameters(new Parameters(marked)), plan);
            assertThat(compact.model().parameters().get("head.weight").doubles())
                    .startsWith(0, 2, 10, 12, 20, 22, 30, 32)
                    .hasSize(3 * 8);
        }
    }

    @Test
    void foldedGatesScaleWhatIsReadAndLeaveBatchNormAlone() {
        Network network = Models.create("resnet20", 3, 0.25);
        ChannelGroups groups = ChannelGroups.of(network);
        PruningPlan plan = PruningPlan.of(groups, Map.of("stage1", List.of(1, 3)));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Fixtures.model(backend, network, 1);
            Tensor gate = Tensor.of(backend, Shape.of(4), 0.9, 0.5, 0.9, 0.25);
            CompactModel compact =
                    Compaction.of(model, plan, Compaction.Companions.none().withGates(Map.of("stage1", gate)));
            Parameters small = compact.model().parameters();
            double[] full =
                    model.parameters().get("stage2.block0.shortcut.weight").doubles();
            assertThat(small.get("stage2.block0.shortcut.weight", Shape.of(8, 1, 1, 2))
                            .doubles())
                    .startsWith(0.5 * full[1], 0.25 * full[3], 0.5 * full[5]);
            double[] scale = model.parameters().get("stem.norm.scale").doubles();
            assertThat(small.get("stem.norm.scale").doubles()).containsExactly(scale[1], scale[3]);
        }
    }

    @Test
    void gatesOfOneChangeNothingAndTheSkipStaysUngated() {
        Network network = Models.create("resnet20", 3, 0.25);
        ChannelGroups groups = ChannelGroups.of(network);
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Fixtures.model(backend, network, 1);
            Tensor images = Fixtures.images(backend, network.input(), 2, 1);
            Map<String, Tensor> gates = new TreeMap<>();
            groups.sizes().forEach((name, size) -> gates.put(name, Tensor.filled(backend, Shape.of(size), 1)));
            double[] plain = model.logits(images).doubles();
            assertThat(new MaskedModel(groups, model, gates).logits(images).doubles())
                    .isEqualTo(plain);
            // With every inner convolution gated to zero, what remains is the chain of shortcuts.
            groups.sizes().forEach((name, size) -> {
                if (name.endsWith(".conv1")) {
                    gates.put(name, Tensor.filled(backend, Shape.of(size), 0));
                }
            });
            double[] shortcuts =
                    new MaskedModel(groups, model, gates).logits(images).doubles();
            assertThat(shortcuts).isNotEqualTo(plain);
            assertThat(shortcuts[0]).isNotEqualTo(shortcuts[3]);
        }
    }

    @Test
    void gradientsReachTheGatesOfEveryGroup() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet20", 3, 0.25));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, groups.network(), 1);
            Parameters gates = new Parameters(Fixtures.gates(backend, groups, 1)).leaves();
            Tensor logits = new MaskedModel(groups, model, gates.asMap())
                    .forward(BatchNormMode.BATCH)
                    .logits(Fixtures.images(backend, groups.network().input(), 2, 1));
            List<Tensor> gradients = Autograd.gradients(logits.times(logits).sum(), gates.tensors());
            assertThat(gradients).hasSize(12).allSatisfy(gradient -> {
                double size = Arrays.stream(gradient.doubles()).map(Math::abs).sum();
                assertThat(size).isPositive().isFinite();
            });
        }
    }

    @Test
    void stateThatBelongsToNothingIsNamed() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet20", 3, 0.25));
        PruningPlan plan = PruningPlan.uniformWidth(groups, Budget.macs(0.5));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, groups.network(), 1);
            Tensor some = Tensor.filled(backend, Shape.of(4), 1);
            assertThatThrownBy(() -> compactWith(model, plan, Map.of("momentum.nonsense", some)))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("'momentum.nonsense'");
            assertThatThrownBy(() -> compactWith(model, plan, Map.of("momentum.stage2.block0.conv1.weight", some)))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("'momentum.stage2.block0.conv1.weight'")
                    .hasMessageContaining("[4]");
        }
    }

    private static CompactModel compactWith(Model model, PruningPlan plan, Map<String, Tensor> state) {
        return Compaction.of(model, plan, Compaction.Companions.none().withOptimiser(new Parameters(state)));
    }

    @Test
    void aModelThatComputesNonsenseIsNotCompacted() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet20", 3, 0.25));
        PruningPlan plan = PruningPlan.uniformWidth(groups, Budget.macs(0.5));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, groups.network(), 1);
            Model broken = model.withParameters(model.parameters().map(tensor -> tensor.times(Double.NaN)));
            assertThatThrownBy(() -> Compaction.of(broken, plan))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void parityIsRequiredOfBothFigures() {
        assertThat(new Parity(1e-12, 1e-6, "vector").require().toString())
                .isEqualTo(
                        "masked = compacted up to 1.0e-12 in reference (bound 1e-09) and 1.0e-06 on vector (bound 1e-04)");
        assertThatThrownBy(() -> new Parity(1e-8, 1e-6, "vector").require())
                .isInstanceOf(StampException.class)
                .hasMessageContaining("1.0e-08");
        assertThatThrownBy(() -> new Parity(0, 1e-3, "vector").require()).isInstanceOf(StampException.class);
        assertThatThrownBy(() -> new Parity(Double.NaN, 0, "vector").require())
                .isInstanceOf(StampException.class)
                .hasMessageContaining("all 0");
    }

    @Test
    void differencesAreRelativeToTheLargestLogit() {
        assertThat(ParityCheck.difference(new double[] {1, -4}, new double[] {1, -4.002}))
                .isEqualTo(0.002 / 4, offset(1e-12));
        assertThat(ParityCheck.difference(new double[] {0, 0}, new double[] {0, 0}))
                .as("nothing was compared")
                .isNaN();
        assertThat(ParityCheck.difference(new double[] {0}, new double[] {1e-9}))
                .isInfinite();
        assertThat(ParityCheck.difference(new double[] {1, Double.NaN}, new double[] {1, 1}))
                .isNaN();
    }
}
