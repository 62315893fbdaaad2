package io.stamp.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinearFitTest {
    @Test
    void pointsOnALineGiveIt() {
        LinearFit fit = LinearFit.relative(new double[] {1, 2, 5}, new double[] {3.5, 5.5, 11.5});

        assertThat(fit.slope()).isCloseTo(2, within(1e-9));
        assertThat(fit.constant()).isCloseTo(1.5, within(1e-9));
    }

    /** Both points are missed by a tenth, not one of them by 1 and the other by 0. */
    @Test
    void relativeErrorsCount() {
        LinearFit fit = LinearFit.relative(new double[] {1, 100}, new double[] {1, 1000.0 / 9});

        assertThat(fit.constant()).isZero();
        assertThat(fit.slope()).isCloseTo(1.9 / (1 + 0.81), within(1e-9));
    }

    /** The line through these would begin below zero; so does one through a single point, of which there are many. */
    @Test
    void theConstantIsNeverNegative() {
        assertThat(LinearFit.relative(new double[] {1, 2}, new double[] {1, 3}).constant())
                .isZero();
        assertThat(LinearFit.relative(new double[] {4}, new double[] {2})).isEqualTo(new LinearFit(0.5, 0));
    }
}
