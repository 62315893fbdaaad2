package io.stamp.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StopwatchTest {
    private static final double PRECISION = 1e-9;

    private long now;
    private long compiledMillis;
    private final Stopwatch stopwatch = new Stopwatch(() -> now, () -> compiledMillis, Optional.empty());
    private final StringBuilder order = new StringBuilder();

    private Runnable taking(double seconds) {
        return () -> now += Math.round(seconds * 1e9);
    }

    private Runnable named(char name, double seconds) {
        return () -> {
            order.append(name);
            now += Math.round(seconds * 1e9);
        };
    }

    @Test
    void ratesAreRunsPerSecondForAtLeastTheTimeAskedFor() {
        Rate rate = stopwatch.measure(taking(0.02), new Effort(10, 3, 1));

        assertThat(rate.median()).isCloseTo(50, within(PRECISION));
        assertThat(rate.p10()).isCloseTo(50, within(PRECISION));
        assertThat(rate.samples()).isGreaterThanOrEqualTo(150);
    }

    @Test
    void veryShortRunsAreSampledTogether() {
        Rate rate = stopwatch.measure(taking(1e-4), new Effort(10, 1, 1));

        assertThat(rate.median()).isCloseTo(1e4, within(PRECISION * 1e4));
        assertThat(rate.samples()).isBetween(180, 300);
    }

    @Test
    void whileTheCompilerWorksTheWarmUpGoesOn() {
        List<Double> durations = new ArrayList<>();
        Runnable run = () -> {
            // A plateau that is no end: the compiler still works on the code that will be fast.
            boolean slow = durations.size() < 40;
            durations.add(slow ? 0.2 : 0.02);
            now += Math.round(durations.getLast() * 1e9);
            compiledMillis += slow ? 100 : 0;
        };

        Rate rate = stopwatch.measure(run, new Effort(100, 1, 1));

        assertThat(rate.p10()).isCloseTo(50, within(1e-6));
    }

    @Test
    void aRunThatGetsFasterIsWarmedUpUntilItIsSteady() {
        List<Double> durations = new ArrayList<>();
        Runnable run = () -> {
            double seconds = durations.size() < 40 ? 0.2 - 0.004 * durations.size() : 0.04;
            durations.add(seconds);
            now += Math.round(seconds * 1e9);
        };

        Rate rate = stopwatch.measure(run, new Effort(100, 1, 1));

        assertThat(rate.p10()).isCloseTo(25, within(1e-6));
    }

    @Test
    void theWarmUpEndsWhenItsTimeIsOver() {
        double[] seconds = {8};
        Runnable evenFaster = () -> {
            seconds[0] *= 0.9;
            now += Math.round(seconds[0] * 1e9);
        };

        assertThat(stopwatch.measure(evenFaster, new Effort(10, 1, 1)).median()).isLessThan(1);
    }

    @Test
    void contestantsTakeTurns() {
        Effort effort = new Effort(0, 1, 4);
        Stopwatch.Comparison comparison =
                stopwatch.compare(List.of(named('a', 0.3), named('b', 0.1), named('c', 0.6)), effort);

        assertThat(order.toString()).startsWith("abc" + "abbbc" + "abbbc");
        assertThat(comparison.speedUps()).hasSize(3);
        assertThat(comparison.speedUps().get(0).median()).isCloseTo(1, within(PRECISION));
        assertThat(comparison.speedUps().get(1).median()).isCloseTo(3, within(1e-6));
        assertThat(comparison.speedUps().get(2).median()).isCloseTo(0.5, within(1e-6));
        assertThat(comparison.rates().get(1).median()).isCloseTo(10, within(1e-6));
    }

    @Test
    void aTurnIsWorthTheMedianOfItsSamples() {
        int[] runs = {0};
        Runnable interrupted = () -> now += Math.round((++runs[0] % 3 == 0 ? 0.9 : 0.05) * 1e9);
        Stopwatch.Comparison comparison = stopwatch.compare(List.of(named('a', 0.1), interrupted), new Effort(0, 5, 1));

        assertThat(comparison.speedUps().get(1).median()).isCloseTo(2, within(1e-6));
    }

    @Test
    void whatMakesReadyIsDoneOnceATurnAndNotTimed() {
        Stopwatch.Entrant ready = new Stopwatch.Entrant(named('(', 7), named('a', 0.1));
        Stopwatch.Comparison comparison = stopwatch.compareEntrants(
                List.of(ready, new Stopwatch.Entrant(() -> {}, named('b', 0.2))), new Effort(0, 0.5, 1));

        assertThat(order.toString()).isEqualTo("(ab" + "(aaabb" + "(aaabb");
        assertThat(comparison.rates().getFirst().median()).isCloseTo(10, within(1e-6));
        assertThat(comparison.speedUps().get(1).median()).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void theInverseOfARatioTurnsItsPercentilesRound() {
        assertThat(new Rate(2, 1, 4, 5).inverse()).isEqualTo(new Rate(0.5, 0.25, 1, 5));
    }

    @Test
    void percentilesInterpolate() {
        Rate rate = Rate.of(5, 1, 3, 2, 4);

        assertThat(rate).isEqualTo(new Rate(3, 1.4, 4.6, 5));
        assertThat(Rate.of(7)).isEqualTo(new Rate(7, 7, 7, 1));
        assertThat(rate.times(2)).isEqualTo(new Rate(6, 2.8, 9.2, 5));
    }

    /** Runs are put into a stream at once and done later, the first one with all that has to be loaded and chosen before. */
    @Test
    void workOfADeviceIsWaitedForOnceASample() {
        double[] queued = {0};
        int[] runs = {0};
        int[] waits = {0};
        Stopwatch device = new Stopwatch(() -> now, () -> 0, Optional.of(() -> {
            now += Math.round(queued[0] * 1e9);
            queued[0] = 0;
            waits[0]++;
        }));

        Rate rate = device.measure(() -> queued[0] += runs[0]++ == 0 ? 5 : 1e-4, new Effort(0.4, 0.35, 7));

        assertThat(rate.median()).isCloseTo(1e4, within(1e-3));
        assertThat(rate.samples()).isEqualTo(7);
        assertThat(runs[0]).isGreaterThan(20 * waits[0]);
    }

    @Test
    void aShortMeasurementIsWarmedUpAllTheSame() {
        assertThat(Effort.of(0.01).longestWarmUp()).isEqualTo(1);
        assertThat(Effort.of(5).longestWarmUp()).isEqualTo(20);
    }

    @Test
    void noTimeIsNoMeasurement() {
        assertThatThrownBy(() -> Effort.of(0))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("positive time");
    }
}
