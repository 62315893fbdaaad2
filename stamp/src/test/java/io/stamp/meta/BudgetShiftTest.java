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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BudgetShiftTest {
    private static final double STEP = 1e-4;

    private ReferenceBackend backend;
    private Scope scope;
    private ChannelGroups groups;

    @BeforeEach
    void open() {
        backend = new ReferenceBackend();
        scope = Scope.open();
        groups = ChannelGroups.of(Models.create("resnet20", 10, 0.25));
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    static List<GateDistribution> distributions() {
        return List.of(BetaBernoulli.DEFAULT, BernoulliConcrete.DEFAULT, new GaussianGates());
    }

    private BudgetShift shift(GateDistribution distribution) {
        ExpectedCost cost = groups.cost().expected(backend, groups, Cost.Kind.MACS);
        return new BudgetShift(distribution, cost);
    }

    /** Raw numbers of every group around even chances. */
    private Map<String, Tensor> raw(GateDistribution distribution) {
        RandomStream random = new RandomStream(5, 1);
        Map<String, Tensor> raw = new LinkedHashMap<>();
        groups.sizes().forEach((group, channels) -> {
            double[] values = new double[distribution.start(0.5).size() * channels];
            for (int i = 0; i < values.length; i++) {
                values[i] = distribution.start(0.5).get(i / channels) + 0.5 * random.nextGaussian();
            }
            raw.put(group, Tensor.of(backend, Shape.of(values.length / channels, channels), values));
        });
        return raw;
    }

    private static Map<String, Tensor> expected(GateDistribution distribution, Map<String, Tensor> raw) {
        Map<String, Tensor> expected = new LinkedHashMap<>();
        raw.forEach((group, numbers) -> expected.put(group, distribution.expected(numbers)));
        return expected;
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void gatesAreExpectedToCostTheBudget(GateDistribution distribution) {
        BudgetShift shift = shift(distribution);
        for (double budget : new double[] {0.02, 0.1, 0.5, 0.9}) {
            Map<String, Tensor> shifted = shift.of(raw(distribution), budget);

            assertThat(shift.cost().of(expected(distribution, shifted)).scalar())
                    .isCloseTo(budget, within(1e-6));
        }
    }

    @Test
    void gatesThatNobodyDifferentiatesAreNotTracked() {
        Map<String, Tensor> constant = raw(BetaBernoulli.DEFAULT);
        Map<String, Tensor> leaves = raw(BetaBernoulli.DEFAULT);
        leaves.replaceAll((group, numbers) -> numbers.leaf());

        assertThat(shift(BetaBernoulli.DEFAULT).of(constant, 0.2).values()).noneMatch(Tensor::tracked);
        assertThat(shift(BetaBernoulli.DEFAULT).of(leaves, 0.2).values()).allMatch(Tensor::tracked);
    }

    /** What a channel gains the others lose: the shift takes part in the gradient. */
    @ParameterizedTest
    @MethodSource("distributions")
    void gradientsAreThoseOfFiniteDifferences(GateDistribution distribution) {
        double slope = firstDerivative(distribution, 0);

        double difference = (value(distribution, STEP) - value(distribution, -STEP)) / (2 * STEP);
        assertThat(slope).isCloseTo(difference, within(1e-5));
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void secondDerivativesAreThoseOfFiniteDifferences(GateDistribution distribution) {
        Tensor push = Tensor.scalar(backend, 0).leaf();
        Tensor slope = Autograd.gradients(loss(distribution, push), List.of(push), true)
                .getFirst();
        double curvature = Autograd.gradients(slope, List.of(push)).getFirst().scalar();

        double difference = (firstDerivative(distribution, STEP) - firstDerivative(distribution, -STEP)) / (2 * STEP);
        assertThat(curvature).isCloseTo(difference, within(1e-4));
    }

    private double firstDerivative(GateDistribution distribution, double at) {
        Tensor push = Tensor.scalar(backend, at).leaf();
        return Autograd.gradients(loss(distribution, push), List.of(push))
                .getFirst()
                .scalar();
    }

    private double value(GateDistribution distribution, double at) {
        return loss(distribution, Tensor.scalar(backend, at)).scalar();
    }

    /** Any function of all gates, with the first group's raw numbers pushed. */
    private Tensor loss(GateDistribution distribution, Tensor push) {
        Map<String, Tensor> raw = raw(distribution);
        String first = raw.keySet().iterator().next();
        raw.put(first, distribution.shifted(raw.get(first), push));
        return expected(distribution, shift(distribution).of(raw, 0.2)).values().stream()
                .map(gates -> gates.times(gates).sum())
                .reduce(Tensor::plus)
                .orElseThrow();
    }

    @Test
    void gatesAreAllOpenWhereTheBudgetIsTheWholeNetwork() {
        Map<String, Tensor> shifted = shift(BernoulliConcrete.DEFAULT).of(raw(BernoulliConcrete.DEFAULT), 1);

        expected(BernoulliConcrete.DEFAULT, shifted).values().forEach(gates -> assertThat(
                        Arrays.stream(gates.doubles()).min().orElseThrow())
                .isGreaterThan(0.999));
    }

    /** No gates cost less than the layers that none of them touches. */
    @Test
    void gatesAreAllShutWhereTheBudgetCannotBeMet() {
        Map<String, Tensor> shifted = shift(BernoulliConcrete.DEFAULT).of(raw(BernoulliConcrete.DEFAULT), 1e-9);

        expected(BernoulliConcrete.DEFAULT, shifted).values().forEach(gates -> assertThat(
                        Arrays.stream(gates.doubles()).max().orElseThrow())
                .isLessThan(0.001));
    }
}
