package io.stamp.engine.vector.winograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import org.junit.jupiter.api.Test;

class WinogradSwitchTest {
    @Test
    void thePropertyIsOnOrOff() {
        assertThat(Winograd.isOn(null)).isTrue();
        assertThat(Winograd.isOn("on")).isTrue();
        assertThat(Winograd.isOn("off")).isFalse();
        assertThatThrownBy(() -> Winograd.isOn("no"))
                .isInstanceOf(StampException.class)
                .hasMessage("-Dstamp.winograd is 'no'; give on or off, or omit it.");
    }
}
