package io.stamp.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 9, 10, 23, 100, 1001})
    void boundsAreThoseOfStudentsT(int degrees) {
        for (double probability : new double[] {0.5, 0.9, 0.95, 0.99}) {
            double expected = new TDistribution(degrees).inverseCumulativeProbability((1 + probability) / 2);
            assertThat(StudentT.bound(probability, degrees)).isCloseTo(expected, within(1e-7 * expected));
        }
    }

    @Test
    void meanDeviationErrorAndInterval() {
        double[] values = {82.57, 81.71, 82.47, 80.9};
        DescriptiveStatistics expected = new DescriptiveStatistics(values);

        Sample sample = Sample.of(values);

        assertThat(sample.mean()).isCloseTo(expected.getMean(), within(1e-12));
        assertThat(sample.deviation()).isCloseTo(expected.getStandardDeviation(), within(1e-12));
        assertThat(sample.standardError()).isCloseTo(expected.getStandardDeviation() / 2, within(1e-12));
        double half = 3.182446 * expected.getStandardDeviation() / 2;
        assertThat(sample.low()).isCloseTo(expected.getMean() - half, within(1e-6));
        assertThat(sample.high()).isCloseTo(expected.getMean() + half, within(1e-6));
        assertThat(sample.values()).containsExactly(82.57, 81.71, 82.47, 80.9);
    }

    /** The measurements of a pair differ by far less than the pairs do among each other. */
    @Test
    void whatIsSharedByThePairsCancels() {
        Sample one = Sample.of(10.1, 20.3, 30.2);
        Sample other = Sample.of(10, 20, 30);

        Sample difference = one.minus(other);

        assertThat(difference.mean()).isCloseTo(0.2, within(1e-12));
        assertThat(difference.deviation()).isCloseTo(0.1, within(1e-12));
        assertThat(difference.standardError()).isCloseTo(0.1 / Math.sqrt(3), within(1e-12));
        assertThat(one.deviation()).isGreaterThan(10);
        assertThatThrownBy(() -> one.minus(Sample.of(1, 2))).hasMessageContaining("3 measurements");
    }

    @Test
    void aSingleMeasurementHasNoUncertaintyToTell() {
        Sample single = Sample.of(0.5);

        assertThat(single.mean()).isEqualTo(0.5);
        assertThat(single.deviation()).isNull();
        assertThat(single.standardError()).isNull();
        assertThat(single.low()).isNull();
        assertThat(single.high()).isNull();
        assertThat(single.text(100, 1)).isEqualTo("50.0");
        assertThat(single.signed(100, 1)).isEqualTo("+50.0");
    }

    /** Three seeds of docs/results.md: a difference of a point that three seeds do not show. */
    @Test
    void textHasHalfOfTheInterval() {
        Sample stamp = Sample.of(0.8257, 0.8171, 0.8247);
        Sample random = Sample.of(0.8116, 0.8121, 0.8127);

        assertThat(stamp.text(100, 2)).isEqualTo("82.25 ± 1.17");
        assertThat(stamp.minus(random).signed(100, 2)).isEqualTo("+1.04 ± 1.18");
        assertThat(random.minus(stamp).signed(100, 2)).isEqualTo("-1.04 ± 1.18");
    }
}
