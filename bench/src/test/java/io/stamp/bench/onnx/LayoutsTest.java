package io.stamp.bench.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LayoutsTest {
    @Test
    void channelsOrderIsTurnedAndTurnedBack() {
        float[] values = new float[2 * 3 * 5 * 7];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        float[] first = Layouts.channelsFirst(values, 2, 3, 5, 7);

        // Element [1, 2, 4, 6] of the one is [1, 6, 2, 4] of the other.
        assertThat(first[((7 + 6) * 3 + 2) * 5 + 4]).isEqualTo(values[((3 + 2) * 5 + 4) * 7 + 6]);
        assertThat(Layouts.channelsLast(first, 2, 7, 3, 5)).isEqualTo(values);
        assertThat(Arrays.equals(first, values)).isFalse();
    }
}
