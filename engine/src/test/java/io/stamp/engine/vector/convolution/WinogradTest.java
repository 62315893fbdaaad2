package io.stamp.engine.vector.convolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.layout.Packing;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.Winograd;
import io.stamp.engine.vector.winograd.WinogradConvolution;
import io.stamp.engine.vector.winograd.WinogradWeightGradient;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WinogradTest {
    /** How much larger than that of direct sums the error may be: 1.1 was measured. */
    private static final double MARGIN = 1.3;

    /** The same for gradients of weights, whose direct sums are short and added up in chunks: 2.0 was measured. */
    private static final double WEIGHTS_MARGIN = 2.5;

    private static ConvGeometry same(int batch, int size, int in, int out) {
        return new ConvGeometry(batch, size, size, in, out, 3, 3, 1, 1, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "64, 32, 64, 64, true",
        "1, 8, 256, 256, true",
        "64, 4, 512, 512, true",
        "1, 4, 512, 512, false",
        "64, 2, 512, 512, false",
        "64, 32, 19, 64, false",
        "64, 16, 64, 31, false"
    })
    void theGeometryDecides(int batch, int size, int in, int out, boolean wins) {
        assertThat(Winograd.wins(same(batch, size, in, out))).isEqualTo(wins);
        assertThat(Winograd.winsForInput(same(batch, size, in, out))).isEqualTo(wins);
    }

    @Test
    void otherKernelsStridesAndGroupsAreDirect() {
        assertThat(Winograd.wins(new ConvGeometry(8, 16, 16, 64, 64, 5, 5, 1, 2, 1)))
                .isFalse();
        assertThat(Winograd.wins(new ConvGeometry(8, 16, 16, 64, 64, 3, 3, 2, 1, 1)))
                .isFalse();
        assertThat(Winograd.wins(new ConvGeometry(8, 16, 16, 64, 64, 3, 3, 1, 1, 2)))
                .isFalse();
        assertThat(Winograd.winsForInput(new ConvGeometry(8, 16, 16, 64, 64, 3, 3, 1, 3, 1)))
                .isFalse();
    }

    /** On normal data, as measured for the choice of the points. */
    @ParameterizedTest
    @ValueSource(ints = {64, 150})
    void theOutputIsAsPreciseAsDirectSums(int channels) {
        ConvGeometry g = same(2, 8, channels, 40);
        float[] x = normal(g.inputSize(), 1);
        float[] w = normal(g.weightSize(), 2);
        double[] expected = new NaiveConvolution(g).forward(x, w);
        float[] packed = new float[g.windowSize() * Tiles.paddedColumns(g.outChannels())];
        for (int tile = 0; tile < Tiles.count(g.outChannels()); tile++) {
            int target = tile * Tiles.WIDE * g.windowSize();
            Packing.packTransposedTile(w, 0, g.windowSize(), g.windowSize(), g.outChannels(), tile, packed, target);
        }
        float[] direct = new float[g.outputSize()];
        float[] fast = new float[g.outputSize()];
        try (Workers workers = new Workers(1)) {
            WindowConvolution.run(g, x, packed, direct, Epilogue.NONE, workers);
            WinogradConvolution.run(g, x, packed, fast, Epilogue.NONE, workers);
        }
        assertThat(fast).isNotEqualTo(direct);
        assertThat(error(fast, expected)).isLessThan(MARGIN * error(direct, expected));
    }

    @Test
    void theGradientOfTheWeightsIsHalfAsPreciseAsDirectSums() {
        ConvGeometry g = same(8, 16, 40, 40);
        float[] x = normal(g.inputSize(), 1);
        float[] gradOut = normal(g.outputSize(), 2);
        double[] expected = new NaiveConvolution(g).weightGradient(x, gradOut);
        float[] direct = new float[g.weightSize()];
        float[] fast = new float[g.weightSize()];
        try (Workers workers = new Workers(1)) {
            WeightGradient.run(g, x, gradOut, direct, workers);
            WinogradWeightGradient.run(g, x, gradOut, fast, workers);
        }
        assertThat(fast).isNotEqualTo(direct);
        assertThat(error(fast, expected)).isLessThan(WEIGHTS_MARGIN * error(direct, expected));
    }

    @Test
    void thereIsALimitToTheSumsOfAGradientOfWeights() {
        assertThat(Winograd.winsForWeights(same(2, 8, 1024, 1024))).isTrue();
        assertThat(Winograd.winsForWeights(same(2, 8, 1025, 1024))).isFalse();
        assertThat(Winograd.winsForWeights(same(2, 8, 1 << 13, 1 << 13))).isFalse();
    }

    private static float[] normal(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.ceilDiv(size, Lanes.COUNT) * Lanes.COUNT];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Root of the mean square. */
    private static double error(float[] actual, double[] expected) {
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += Math.pow(actual[i] - expected[i], 2);
        }
        return Math.sqrt(squares / expected.length);
    }
}
