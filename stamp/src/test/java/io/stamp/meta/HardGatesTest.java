package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.ExpectedCost;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HardGatesTest {
    private static final double BUDGET = 0.3;

    private ReferenceBackend backend;
    private Scope scope;
    private ChannelGroups groups;
    private HardGates gates;

    @BeforeEach
    void open() {
        backend = new ReferenceBackend();
        scope = Scope.open();
        groups = ChannelGroups.of(Models.create("resnet20", 10, 0.5));
        gates = new HardGates(groups, Cost.Kind.MACS);
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    /** The chance of channel k of n falls from one to the other. */
    private Map<String, Tensor> falling(double first, double last) {
        Map<String, Tensor> expected = new LinkedHashMap<>();
        groups.sizes().forEach((group, channels) -> {
            double[] chances = new double[channels];
            Arrays.setAll(chances, k -> first + (last - first) * k / (channels - 1.0));
            expected.put(group, Tensor.of(backend, Shape.of(channels), chances));
        });
        return expected;
    }

    private Map<String, Tensor> draw(Map<String, Tensor> expected, int number) {
        return gates.of(expected, BUDGET, new RandomStream(7, 1, (long) number << 32));
    }

    @Test
    void everyDrawIsAMaskOfTheBudget() {
        ExpectedCost cost = groups.cost().expected(backend, groups, Cost.Kind.MACS);
        for (int number = 0; number < 10; number++) {
            Map<String, Tensor> drawn = draw(falling(0.9, 0.2), number);

            assertThat(cost.of(drawn).scalar()).isBetween(0.95 * BUDGET, BUDGET);
            drawn.values().forEach(mask -> {
                for (double gate : mask.doubles()) {
                    assertThat(Math.min(Math.abs(gate), Math.abs(gate - 1))).isLessThan(1e-12);
                }
            });
        }
    }

    @Test
    void aBudgetThatNothingFitsLeavesTheMinimum() {
        Map<String, Tensor> drawn = gates.of(falling(0.9, 0.2), 1e-6, new RandomStream(7, 1));

        drawn.values().forEach(mask -> assertThat(mask.sum().scalar()).isCloseTo(2, within(1e-9)));
    }

    @Test
    void likelyChannelsAreOpenMoreOftenAndSureOnesAlways() {
        int draws = 60;
        double[] open = new double[32];
        for (int number = 0; number < draws; number++) {
            double[] mask = draw(falling(1, 0), number).get("stage3").doubles();
            for (int k = 0; k < mask.length; k++) {
                open[k] += mask[k] / draws;
            }
        }
        assertThat(open[0]).isCloseTo(1, within(1e-9));
        assertThat(open[31]).isCloseTo(0, within(1e-9));
        assertThat(Arrays.stream(open, 0, 10).average().orElseThrow())
                .isGreaterThan(Arrays.stream(open, 11, 21).average().orElseThrow() + 0.1);
        assertThat(Arrays.stream(open, 11, 21).average().orElseThrow())
                .isGreaterThan(Arrays.stream(open, 22, 32).average().orElseThrow() + 0.1);
        assertThat(Arrays.stream(open, 11, 21)).as("draws differ").anyMatch(share -> share > 0.1 && share < 0.9);
    }

    @Test
    void gradientsAreThoseOfTheExpectation() {
        Map<String, Tensor> leaves = new LinkedHashMap<>();
        falling(0.9, 0.1).forEach((group, chances) -> leaves.put(group, chances.leaf()));
        Map<String, Tensor> drawn = draw(leaves, 0);
        Tensor loss = drawn.get("stage2").times(3).sum();

        List<Tensor> gradients = Autograd.gradients(loss, List.of(leaves.get("stage2"), leaves.get("stage3")));

        assertThat(gradients.get(0).doubles()).containsOnly(3);
        assertThat(gradients.get(1).doubles()).containsOnly(0);
    }
}
