package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables by hand, and plans where arithmetic and time disagree. */
class LatencyTableTest {
    private static final LatencyTable.Layer LAYER = new LatencyTable.Layer(
            List.of(2, 4, 8), List.of(1, 3), List.of(List.of(1.0, 2.0), List.of(2.0, 4.0), List.of(2.0, 10.0)));

    /** Between four points, on them, along the last segment, and below the first. */
    @ParameterizedTest
    @CsvSource({
        "2, 1, 1",
        "4, 3, 4",
        "3, 1, 1.5",
        "2, 2, 1.5",
        "3, 2, 2.25",
        "6, 1, 2",
        "6, 3, 7",
        "6, 2, 4.5",
        "8, 3, 10",
        "1, 1, 0.5",
        "0, 0, 0"
    })
    void timesBetweenPointsAreInterpolatedAlongBothAxes(double outputs, double inputs, double expected) {
        assertThat(LAYER.at(outputs, inputs)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void aSingleCountIsAnAxisThatDoesNotMatter() {
        LatencyTable.Layer one = MadeUpLatency.byOutputs(List.of(4, 8), 1, 3);

        assertThat(one.at(6, 1)).isEqualTo(one.at(6, 50)).isCloseTo(2e-3, within(1e-12));
    }

    /** 3 before 1 becomes 2 and 2; what rises already stays. */
    @Test
    void noiseThatFallsIsLevelled() {
        LatencyTable.Layer levelled =
                LatencyTable.Layer.rising(List.of(1, 2, 3), List.of(1, 2), new double[][] {{1, 3}, {3, 4}, {1, 5}});

        assertThat(levelled.seconds()).containsExactly(List.of(1.0, 3.0), List.of(2.0, 4.0), List.of(2.0, 5.0));
    }

    @Test
    void impossibleTablesAreRefused() {
        List<List<Double>> falling = List.of(List.of(2.0), List.of(1.0));
        assertThatThrownBy(() -> new LatencyTable.Layer(List.of(1, 2), List.of(1), falling))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("rise with the channels");
        assertThatThrownBy(() -> new LatencyTable.Layer(List.of(2, 2), List.of(1), falling))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("must ascend");
        assertThatThrownBy(() -> new LatencyTable.Layer(List.of(1, 2), List.of(1, 2), falling))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("needs a time for each");
        assertThatThrownBy(() -> new LatencyTable(new TreeMap<>(Map.of("a.weight", LAYER)), Double.NaN))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("a rest of NaN");
    }

    /** At 1,024 places; the network of {@link CostAwarePlansTest}. */
    private static final ChannelGroups TWO =
            ChannelGroups.of(Network.of("two", 10, InputShape.DEFAULT, LatencyTableTest::two));

    private static Tensor two(Forward forward, Tensor images) {
        Tensor x = forward.conv("b", forward.conv("a", images, 4, 1, 1), 4, 1, 1);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    /** Channels of a are free and those of b take 1 ms each, although one of a saves more arithmetic. */
    private static LatencyTable onlyB() {
        return new LatencyTable(
                new TreeMap<>(Map.of(
                        "a.weight",
                        MadeUpLatency.byOutputs(List.of(2, 4), 0.001, 0.002),
                        "b.weight",
                        new LatencyTable.Layer(
                                List.of(2, 4), List.of(2, 4), List.of(List.of(2e-3, 2e-3), List.of(4e-3, 4e-3))))),
                1e-3);
    }

    @Test
    void timeAndArithmeticAskForDifferentPlans() {
        Map<String, double[]> scores = Map.of("a", new double[] {1, 2, 3, 4}, "b", new double[] {1.1, 2.1, 3.1, 4.1});
        ChannelGroups timed = TWO.withLatency(onlyB());

        PruningPlan fast = new GreedyRemoval(timed).plan(scores, new Budget(Cost.Kind.LATENCY, 0.7));
        PruningPlan small = new GreedyRemoval(timed).plan(scores, Budget.macs(0.6));

        assertThat(fast.widths()).containsEntry("a", 4).containsEntry("b", 2);
        assertThat(small.widths()).containsEntry("a", 2);
        assertThat(fast.achieved().of(Cost.Kind.LATENCY)).isEqualTo(3_002_000);
        assertThat(fast.full().of(Cost.Kind.LATENCY)).isEqualTo(5_002_000);
        assertThat(fast.summary()).contains("predicted latency 3.00 ms of 5.00 ms (60.02 %)", "requested latency=0.7");
    }

    @Test
    void rankedAndUniformPlansMeetABudgetOfTime() {
        Map<String, double[]> scores = Map.of("a", new double[] {5, 6, 7, 8}, "b", new double[] {1, 2, 3, 4});
        ChannelGroups timed = TWO.withLatency(onlyB());
        PlanSearch search = new PlanSearch(timed);
        Budget budget = new Budget(Cost.Kind.LATENCY, 0.81);

        assertThat(search.byScores(scores, budget).widths())
                .containsEntry("a", 4)
                .containsEntry("b", 3);
        assertThat(search.byScoresPerCost(scores, budget).widths())
                .containsEntry("a", 4)
                .containsEntry("b", 3);
        assertThat(search.byUniformRatio(scores, budget, 1).budgetUsed().orElseThrow())
                .isBetween(0.95, 1.0);
        assertThat(search.leastShare(Cost.Kind.LATENCY)).isCloseTo(3.001 / 5.002, within(1e-9));
    }

    @Test
    void aTableOfAnotherNetworkOrNoneIsNamed() {
        assertThatThrownBy(() -> new PlanSearch(TWO).leastShare(Cost.Kind.LATENCY))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("no table of it was measured");
        assertThatThrownBy(() -> TWO.withLatency(
                        new LatencyTable(new TreeMap<>(Map.of("c.weight", MadeUpLatency.byOutputs(List.of(4), 1))), 0)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("has a layer 'c.weight', which this one lacks");
        assertThatThrownBy(() -> TWO.withLatency(new LatencyTable(
                        new TreeMap<>(Map.of("a.weight", MadeUpLatency.byOutputs(List.of(4, 8), 1, 2))), 0)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'a.weight' has 8 channels there and 4 here");
    }
}
