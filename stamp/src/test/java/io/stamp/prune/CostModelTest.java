package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Models;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CostModelTest {
    private static ChannelGroups timed(ChannelGroups groups) {
        return groups.withLatency(MadeUpLatency.random(groups, 7));
    }

    private static PruningPlan keepFirst(ChannelGroups groups, double ratio) {
        Map<String, List<Integer>> kept = new TreeMap<>();
        groups.sizes()
                .forEach((name, size) -> kept.put(
                        name,
                        IntStream.range(0, (int) Math.round(ratio * size))
                                .boxed()
                                .toList()));
        return PruningPlan.of(groups, kept);
    }

    @ParameterizedTest
    @MethodSource("io.stamp.model.Models#names")
    void theFullCostIsTheTracedOne(String model) {
        var network = Models.create(model, 10, 1);
        var trace = network.trace();
        assertThat(ChannelGroups.of(network).cost().full())
                .isEqualTo(new Cost(trace.parameterCount(), trace.multiplyAccumulates()));
    }

    /** Known shares of the parameters and factors of the MACs. */
    @ParameterizedTest
    @CsvSource({"0.5, 25.0, 3.98", "0.3, 9.1, 11.0", "0.2, 4.0, 24.5"})
    void uniformRatiosOfVggCostWhatIsKnown(double ratio, double percentOfParameters, double fewerMacs) {
        PruningPlan plan = keepFirst(ChannelGroups.of(Models.create("vgg19", 10, 1)), ratio);
        double parameters = 100.0 * plan.achieved().parameters() / plan.full().parameters();
        assertThat(parameters).isCloseTo(percentOfParameters, within(0.06));
        assertThat((double) plan.full().macs() / plan.achieved().macs()).isCloseTo(fewerMacs, within(0.06));
    }

    @Test
    void innerChannelsOfResNet18CostWhatIsKnown() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet18", 10, 1), GroupPolicy.INNER, Set.of());
        PruningPlan plan = keepFirst(groups, 0.3);
        assertThat(100.0 * plan.achieved().parameters() / plan.full().parameters())
                .isCloseTo(31.2, within(0.06));
    }

    @ParameterizedTest
    @MethodSource("io.stamp.model.Models#names")
    void expectedCostOfBinaryGatesIsTheExactCost(String model) {
        ChannelGroups groups = timed(ChannelGroups.of(Models.create(model, 10, 0.25)));
        PruningPlan plan = PruningPlan.byThreshold(groups, Fixtures.scores(groups, 5), 0.4, 2);
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Map<String, Tensor> gates = MaskedModel.gates(backend, plan, Map.of());
            for (Cost.Kind kind : Cost.Kind.values()) {
                double expected =
                        groups.cost().expected(backend, groups, kind).of(gates).scalar();
                double exact = (double) plan.achieved().of(kind) / plan.full().of(kind);
                // Latencies are whole nanoseconds, layer by layer.
                assertThat(expected).isCloseTo(exact, within(kind == Cost.Kind.LATENCY ? 1e-6 : 1e-12));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Cost.Kind.class)
    void expectedCostHasTheGradientOfItsDifferences(Cost.Kind kind) {
        ChannelGroups groups = timed(ChannelGroups.of(RandomNetwork.create(12)));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            ExpectedCost cost = groups.cost().expected(backend, groups, kind);
            Map<String, Tensor> gates = new TreeMap<>(Fixtures.gates(backend, groups, 3));
            gates.replaceAll((group, gate) -> gate.leaf());
            for (String group : groups.sizes().keySet()) {
                Tensor gradient = Autograd.gradients(cost.of(gates), List.of(gates.get(group)))
                        .getFirst();
                assertThat(gradient.doubles()[0]).isCloseTo(difference(cost, gates, group), within(1e-8));
            }
        }
    }

    /** Central difference with respect to the first gate of a group. */
    private static double difference(ExpectedCost cost, Map<String, Tensor> gates, String group) {
        double step = 1e-5;
        double[] values = new double[2];
        for (int side = 0; side < 2; side++) {
            double[] moved = gates.get(group).doubles();
            moved[0] += side == 0 ? -step : step;
            Map<String, Tensor> changed = new TreeMap<>(gates);
            changed.put(group, Tensor.of(gates.get(group).backend(), Shape.of(moved.length), moved));
            values[side] = cost.of(changed).scalar();
        }
        return (values[1] - values[0]) / (2 * step);
    }

    @Test
    void missingOrMisshapenGatesAreNamed() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet20", 10, 0.25));
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            ExpectedCost cost = groups.cost().expected(backend, groups, Cost.Kind.MACS);
            Map<String, Tensor> gates = new TreeMap<>(Fixtures.gates(backend, groups, 3));
            gates.put("stage2", Tensor.filled(backend, Shape.of(3), 1));
            assertThatThrownBy(() -> cost.of(gates))
                    .isInstanceOf(StampException.class)
                    .hasMessage("The group 'stage2' needs gates of shape [8], not [3].");
            gates.remove("stage2");
            assertThatThrownBy(() -> cost.of(gates))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("there are none");
        }
    }
}
