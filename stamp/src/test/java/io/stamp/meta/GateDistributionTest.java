package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.BroadcastTo;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every gate distribution must do, and the check values of those that are alternatives. */
class GateDistributionTest {
    private static final GateDistribution.Noise NOISE = new GateDistribution.Noise(3, 1, 2);

    private Backend backend;
    private Scope scope;

    @BeforeEach
    void open() {
        backend = Backends.open("reference", 1);
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    static Stream<GateDistribution> all() {
        return Stream.of(BetaBernoulli.DEFAULT, BernoulliConcrete.DEFAULT, new GaussianGates());
    }

    /** The same raw numbers for some channels. */
    private static Tensor raw(Backend backend, int channels, List<Double> numbers) {
        double[] column = numbers.stream().mapToDouble(Double::doubleValue).toArray();
        Tensor one = Tensor.of(backend, Shape.of(column.length, 1), column);
        return BroadcastTo.of(one, Shape.of(column.length, channels));
    }

    private Tensor raw(double... numbers) {
        return Tensor.of(backend, Shape.of(numbers.length, 1), numbers);
    }

    private static double logit(double p) {
        return Math.log(p / (1 - p));
    }

    @ParameterizedTest
    @MethodSource("all")
    void startsWithTheSameShareKept(GateDistribution gates) {
        double kept = gates.expected(raw(backend, 1, gates.start(GateDistribution.INITIAL_KEPT)))
                .scalar();
        assertThat(kept).isCloseTo(GateDistribution.INITIAL_KEPT, within(1e-3)).isGreaterThan(gates.dropBelow());
    }

    @ParameterizedTest
    @MethodSource("all")
    void noiseDecidesTheSample(GateDistribution gates) {
        Tensor raw = raw(backend, 50, gates.start(GateDistribution.INITIAL_KEPT));
        double[] sample = gates.sample(raw, NOISE).doubles();
        assertThat(gates.sample(raw, NOISE).doubles()).isEqualTo(sample);
        for (GateDistribution.Noise other : List.of(
                new GateDistribution.Noise(4, 1, 2),
                new GateDistribution.Noise(3, 2, 2),
                new GateDistribution.Noise(3, 1, 3))) {
            assertThat(gates.sample(raw, other).doubles()).isNotEqualTo(sample);
        }
        // Some gates are 1 up to rounding.
        assertThat(Arrays.stream(sample).distinct().count()).isGreaterThan(25);
    }

    @ParameterizedTest
    @MethodSource("all")
    void everythingStaysFiniteAtTheEndsInFloat32(GateDistribution gates) {
        try (Backend vector = Backends.open("vector", 1);
                Scope _ = Scope.open()) {
            double[] ends = {-1000, -10, -1e-30, 0, 1e-30, 10, 50, 1000};
            for (double first : ends) {
                for (double second : ends) {
                    List<Double> numbers = List.of(first, second)
                            .subList(
                                    0,
                                    gates.start(GateDistribution.INITIAL_KEPT).size());
                    Tensor raw = raw(vector, 64, numbers).leaf();
                    Tensor kept = gates.expected(raw);
                    for (double share : kept.doubles()) {
                        assertThat(share).isBetween(0.0, 1 + 1e-6);
                    }
                    Tensor loss = gates.sample(raw, NOISE)
                            .sum()
                            .plus(gates.divergence(raw))
                            .plus(kept.sum());
                    assertThat(loss.scalar()).as("%s at %s", gates, numbers).isFinite();
                    for (double g :
                            Autograd.gradients(loss, List.of(raw)).getFirst().doubles()) {
                        assertThat(g).as("gradient of %s at %s", gates, numbers).isFinite();
                    }
                }
            }
        }
    }

    @Test
    void bernoulliDivergenceHasTheKnownValues() {
        BernoulliConcrete gates = new BernoulliConcrete(0.1, 0.1);
        assertThat(gates.divergence(raw(logit(0.1))).scalar()).isCloseTo(0, within(1e-12));
        double expected = 0.7 * Math.log(0.7 / 0.1) + 0.3 * Math.log(0.3 / 0.9);
        assertThat(gates.divergence(raw(logit(0.7))).scalar()).isCloseTo(expected, within(1e-12));
        assertThat(expected).isCloseTo(1.0325534, within(1e-6));
    }

    @Test
    void bernoulliSamplesAreOnAsOftenAsTheyShould() {
        for (double p : new double[] {0.1, 0.5, 0.9}) {
            double[] sample = BernoulliConcrete.DEFAULT
                    .sample(raw(backend, 20_000, List.of(logit(p))), NOISE)
                    .doubles();
            double on = Arrays.stream(sample).filter(z -> z > 0.5).count() / (double) sample.length;
            assertThat(on).isCloseTo(p, within(0.012));
            for (double gate : sample) {
                assertThat(gate).isBetween(0.0, 1.0);
            }
        }
    }

    /** {@code 0.5 ln(1 + mu^2 / sigma^2)} and VIBNet's rule: drop where ln sigma^2 - ln mu^2 >= 0. */
    @Test
    void gaussianDivergenceAndThresholdHaveTheKnownValues() {
        GaussianGates gates = new GaussianGates();
        assertThat(gates.divergence(raw(1, 0)).scalar()).isCloseTo(0.5 * Math.log(2), within(1e-7));
        assertThat(gates.divergence(raw(-3, Math.log(4))).scalar()).isCloseTo(0.5 * Math.log1p(9.0 / 4), within(1e-7));
        for (double mu : new double[] {-2, 0.1, 0.7}) {
            double atRule = 2 * Math.log(Math.abs(mu));
            assertThat(gates.expected(raw(mu, atRule + 0.01)).scalar()).isLessThan(gates.dropBelow());
            assertThat(gates.expected(raw(mu, atRule - 0.01)).scalar()).isGreaterThan(gates.dropBelow());
        }
    }

    @Test
    void gaussianSamplesHaveTheirMomentsAndTheExpectedShareOfSignal() {
        Tensor raw = raw(backend, 20_000, List.of(0.7, Math.log(0.25)));
        double[] sample = new GaussianGates().sample(raw, NOISE).doubles();
        double mean = Arrays.stream(sample).average().orElseThrow();
        double square = Arrays.stream(sample).map(z -> z * z).average().orElseThrow();
        assertThat(mean).isCloseTo(0.7, within(0.015));
        assertThat(square - mean * mean).isCloseTo(0.25, within(0.01));
        double kept = new GaussianGates().expected(raw(0.7, Math.log(0.25))).scalar();
        assertThat(mean * mean / square).isCloseTo(kept, within(0.02));
    }
}
