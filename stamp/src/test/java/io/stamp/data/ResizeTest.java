package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.nn.InputShape;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ResizeTest {
    private static int[] resize(byte[] source, int height, int width, int channels) {
        byte[] target = new byte[InputShape.DEFAULT.size()];
        new Resize(new InputShape(height, width, channels), InputShape.DEFAULT).apply(source, target, 0);
        int[] values = new int[target.length];
        Arrays.setAll(values, i -> target[i] & 0xFF);
        return values;
    }

    @Property(tries = 100)
    void aConstantImageStaysConstant(
            @ForAll @IntRange(min = 1, max = 90) int height,
            @ForAll @IntRange(min = 1, max = 90) int width,
            @ForAll byte value) {
        byte[] source = new byte[height * width];
        Arrays.fill(source, value);

        assertThat(resize(source, height, width, 1)).containsOnly(value & 0xFF);
    }

    @Test
    void theRightSizeIsCopied() {
        byte[] source = new byte[InputShape.DEFAULT.size()];
        for (int i = 0; i < source.length; i++) {
            source[i] = (byte) (i * 7);
        }
        int[] expected = new int[source.length];
        Arrays.setAll(expected, i -> source[i] & 0xFF);

        assertThat(resize(source, 32, 32, 3)).isEqualTo(expected);
    }

    @Test
    void halvingAveragesSquares() {
        byte[] source = new byte[64 * 64];
        for (int i = 0; i < source.length; i++) {
            source[i] = (byte) (i * 37);
        }
        int[] result = resize(source, 64, 64, 1);
        int row = 7;
        int column = 20;
        int sum = 0;
        for (int i = 0; i < 4; i++) {
            sum += source[(2 * row + i / 2) * 64 + 2 * column + i % 2] & 0xFF;
        }

        assertThat((double) result[(row * 32 + column) * 3]).isCloseTo(sum / 4.0, within(0.51));
    }

    @Test
    void shrinkingByAnOddFactorKeepsTheMean() {
        byte[] source = new byte[45 * 77];
        long sum = 0;
        for (int i = 0; i < source.length; i++) {
            source[i] = (byte) (i * 101);
            sum += source[i] & 0xFF;
        }

        assertThat(Arrays.stream(resize(source, 45, 77, 1)).average().orElseThrow())
                .isCloseTo(sum / (double) source.length, within(0.1));
    }

    @Test
    void enlargingInterpolatesARampLinearly() {
        byte[] source = new byte[16 * 16];
        for (int i = 0; i < source.length; i++) {
            source[i] = (byte) (i % 16 * 16);
        }
        int[] result = resize(source, 16, 16, 1);

        for (int column = 1; column < 31; column++) {
            assertThat(result[column * 3]).isEqualTo(Math.round(16 * (column / 2f - 0.25f)));
        }
    }
}
