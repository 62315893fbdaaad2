package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.reference.ReferenceBackend;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BetaBernoulliTest {
    private static final BetaBernoulli GATES = BetaBernoulli.DEFAULT;

    private Backend backend;
    private Scope scope;

    @BeforeEach
    void open() {
        backend = new ReferenceBackend();
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    /** The raw number whose softplus is x. */
    private static double raw(double x) {
        return x + Math.log(-Math.expm1(-x));
    }

    private Tensor numbers(double a, double b) {
        return Tensor.of(backend, Shape.of(2, 1), Math.log(a), raw(b));
    }

    private Tensor start() {
        List<Double> numbers = GATES.start(GateDistribution.INITIAL_KEPT);
        return Tensor.of(backend, Shape.of(2, 1), numbers.get(0), numbers.get(1));
    }

    @Test
    void divergenceHasTheKnownValues() {
        assertThat(GATES.divergence(numbers(2.127, 1)).scalar()).isCloseTo(8.9651, within(1e-4));
        assertThat(GATES.divergence(numbers(0.5, 3)).scalar()).isCloseTo(7.1162, within(1e-4));
    }

    @Test
    void theStartingPointKeepsSixtyEightPerCent() {
        Tensor start = start();
        assertThat(BetaBernoulli.a(start).scalar()).isCloseTo(2.125, within(1e-3));
        assertThat(BetaBernoulli.b(start).scalar()).isCloseTo(1, within(1e-3));
        assertThat(GATES.expected(start).scalar()).isCloseTo(0.680, within(1e-3));
    }

    @Test
    void theMeanOfManySamplesIsTheExpectation() {
        int channels = 20_000;
        for (double[] ab : new double[][] {{2.127, 1}, {0.5, 3}, {5, 0.4}}) {
            try (Scope _ = Scope.open()) {
                Tensor raw = numbers(ab[0], ab[1]);
                Tensor wide = BroadcastTo.of(raw, Shape.of(2, channels));
                double mean = GATES.sample(wide, new GateDistribution.Noise(3, 0, 0))
                        .mean()
                        .scalar();
                double expected = GATES.expected(raw).scalar();
                // The relaxation of temperature 0.1 moves the mean a little; the sampling error is about 0.003.
                assertThat(mean).isCloseTo(expected, within(0.02));
            }
        }
    }

    @Test
    void samplesAndGradientsStayFiniteAtTheEnds() {
        for (double a : new double[] {-10, 0, 50}) {
            for (double b : new double[] {-10, 0, 50}) {
                try (Scope _ = Scope.open()) {
                    Tensor raw = BroadcastTo.of(Tensor.of(backend, Shape.of(2, 1), a, b), Shape.of(2, 64))
                            .leaf();
                    Tensor sample = GATES.sample(raw, new GateDistribution.Noise(5, 1, 2));
                    Tensor loss = sample.sum()
                            .plus(GATES.divergence(raw))
                            .plus(GATES.expected(raw).sum());
                    assertThat(loss.scalar()).isFinite();
                    for (double g :
                            Autograd.gradients(loss, List.of(raw)).getFirst().doubles()) {
                        assertThat(g).isFinite();
                    }
                }
            }
        }
    }

    /** The check (vi) of docs/method.md: the KL term alone is slow; it needs hundreds of Adam steps before a channel may be dropped. */
    @Test
    void theDivergenceAloneNeedsHundredsOfSteps() {
        Parameters raw = new Parameters(Map.of("raw", start()));
        Adam adam = new Adam(Adam.Options.DEFAULT, raw);
        int steps = 0;
        while (expectation(raw) >= 1e-3 && steps < 2000) {
            try (Scope _ = Scope.open()) {
                Parameters leaves = raw.leaves();
                List<Tensor> gradients = Autograd.gradients(GATES.divergence(leaves.get("raw")), leaves.tensors());
                adam.step(raw, leaves.withTensors(gradients), 1e-2);
            }
            steps++;
        }
        assertThat(steps).isBetween(200, 1000);
    }

    private double expectation(Parameters raw) {
        try (Scope _ = Scope.open()) {
            return GATES.expected(raw.get("raw")).scalar();
        }
    }
}
