package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConvGeometryTest {

    @Test
    void sizesOfTheOutput() {
        ConvGeometry g = new ConvGeometry(2, 32, 31, 16, 32, 3, 3, 2, 1, 1);
        assertThat(g.outHeight()).isEqualTo(16);
        assertThat(g.outWidth()).isEqualTo(16);
        assertThat(g.outputSize()).isEqualTo(2 * 16 * 16 * 32);
        assertThat(g.weightSize()).isEqualTo(32 * 9 * 16);
        assertThat(g.macs()).isEqualTo(2L * 16 * 16 * 32 * 9 * 16);
    }

    @Test
    void groupsDivideTheWork() {
        ConvGeometry g = new ConvGeometry(1, 8, 8, 12, 24, 3, 3, 1, 1, 4);
        assertThat(g.groupInChannels()).isEqualTo(3);
        assertThat(g.groupOutChannels()).isEqualTo(6);
        assertThat(g.macs()).isEqualTo(64L * 24 * 9 * 3);
        assertThat(g.isDepthwise()).isFalse();
        assertThat(new ConvGeometry(1, 8, 8, 12, 12, 3, 3, 1, 1, 12).isDepthwise())
                .isTrue();
    }

    @Test
    void mistakesAreNamed() {
        assertMistake(() -> new ConvGeometry(0, 8, 8, 1, 1, 3, 3, 1, 1, 1), "batch >= 1, got 0");
        assertMistake(() -> new ConvGeometry(1, 8, 8, 1, 1, 3, 3, 1, -1, 1), "padding >= 0, got -1");
        assertMistake(
                () -> new ConvGeometry(1, 8, 8, 4, 6, 3, 3, 1, 1, 4), "4 groups for 4 input and 6 output channels");
        assertMistake(() -> new ConvGeometry(1, 2, 8, 1, 1, 5, 5, 1, 1, 1), "5x5 does not fit into an input of 2x8");
        assertMistake(
                () -> new ConvGeometry(1 << 20, 64, 64, 1, 1, 3, 3, 1, 1, 1), "input of a convolution would have more");
    }

    private static void assertMistake(Runnable construction, String part) {
        assertThatThrownBy(construction::run).isInstanceOf(StampException.class).hasMessageContaining(part);
    }
}
