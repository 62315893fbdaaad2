package io.stamp.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencyCheckTest {
    private static LatencyCheck check(double predicted, double achieved) {
        return new LatencyCheck(64, predicted, achieved, achieved / predicted - 1, 1, achieved);
    }

    @Test
    void aPredictionThatIsATenthOffIsWorthAWarning() {
        assertThat(check(0.5, 0.545).warning()).isEmpty();
        assertThat(check(0.5, 0.455).warning()).isEmpty();
        assertThat(check(0.5, 0.56).warning().orElseThrow()).contains("56.0 %", "not 50.0 %");
        assertThat(check(0.5, 0.44).warning()).isPresent();
        assertThat(check(0.5, 0.56).sentence())
                .isEqualTo(
                        "Latency in batches of 64: 50.0 % of the full network's predicted, 56.0 % measured (+12.0 %).");
    }
}
