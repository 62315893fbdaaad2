package io.stamp.engine.vector.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.TestArrays;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlanesTest {
    private static final int OFFSET = 5;
    private static final int DISTANCE = Lanes.COUNT + 3;

    static IntStream channels() {
        return IntStream.rangeClosed(1, 2 * Lanes.COUNT + 2);
    }

    private static float[] interleaved(float[] planes, int channels) {
        float[] pixels = new float[Lanes.COUNT * channels];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = planes[i % channels * DISTANCE + i / channels];
        }
        return pixels;
    }

    /** However little lies behind the pixels. */
    @ParameterizedTest
    @MethodSource("channels")
    void aSplitStaysInsideTheTensor(int channels) {
        Planes moved = Planes.of(channels);
        int size = Lanes.COUNT * channels;
        for (int behind = 0; behind < 2 * Lanes.COUNT; behind++) {
            float[] x = TestArrays.random(OFFSET + size + behind, behind);
            float[] planes = TestArrays.unwritten(channels * DISTANCE);

            moved.split(x, OFFSET, planes, 0, DISTANCE, new float[LaneTranspose.SCRATCH]);

            assertThat(interleaved(planes, channels))
                    .as("%d behind", behind)
                    .isEqualTo(Arrays.copyOfRange(x, OFFSET, OFFSET + size));
        }
    }

    @ParameterizedTest
    @MethodSource("channels")
    void aJoinSpoilsLessThanAVectorAndNothingAtAnEdge(int channels) {
        Planes moved = Planes.of(channels);
        float[] planes = TestArrays.random(channels * DISTANCE, 1);
        int end = OFFSET + Lanes.COUNT * channels;
        for (boolean edge : new boolean[] {true, false}) {
            float[] y = TestArrays.unwritten(end + 2 * Lanes.COUNT);

            moved.join(planes, 0, DISTANCE, y, OFFSET, edge, new float[LaneTranspose.SCRATCH]);

            assertThat(Arrays.copyOfRange(y, OFFSET, end)).isEqualTo(interleaved(planes, channels));
            assertThat(Arrays.copyOf(y, OFFSET)).containsOnly(Float.NaN);
            assertThat(Arrays.copyOfRange(y, edge ? end : end + Lanes.COUNT - 1, y.length))
                    .containsOnly(Float.NaN);
        }
    }
}
