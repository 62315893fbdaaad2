package io.stamp.engine.vector.winograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.vector.codegen.PointMatrix;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MinimalFilterTest {
    static double[][] pairs() {
        return new double[][] {{1}, {0.625, 1.5}, {1, 2}, {0.5, 1, 2}};
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void itFilters(double[] pairs) {
        MinimalFilter filter = MinimalFilter.of(pairs);
        assertThat(filter.outputs()).isEqualTo(2 * pairs.length);
        assertThat(filter.size()).isEqualTo(filter.outputs() + 2);
        Random random = new Random(1);
        double[] inputs = random.doubles(filter.size(), -1, 1).toArray();
        double[] weights = random.doubles(MinimalFilter.TAPS, -1, 1).toArray();

        double[] products = product(filter.input(), inputs);
        double[] factors = product(filter.weights(), weights);
        for (int i = 0; i < products.length; i++) {
            products[i] *= factors[i];
        }
        double[] outputs = product(filter.output(), products);

        for (int i = 0; i < outputs.length; i++) {
            double expected = 0;
            for (int tap = 0; tap < MinimalFilter.TAPS; tap++) {
                expected += inputs[i + tap] * weights[tap];
            }
            assertThat(outputs[i]).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void theSmallestHasTheKnownMatrices() {
        MinimalFilter filter = MinimalFilter.of(1);
        assertThat(filter.output().values()).isDeepEqualTo(new double[][] {{1, 1, 1, 0}, {0, 1, -1, 1}});
        assertThat(filter.weights().values())
                .isDeepEqualTo(new double[][] {{-1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}});
        assertThat(filter.input().values())
                .isDeepEqualTo(new double[][] {{-1, 0, 1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}});
    }

    private static double[] product(PointMatrix matrix, double[] vector) {
        double[] result = new double[matrix.rows()];
        for (int row = 0; row < result.length; row++) {
            for (int column = 0; column < vector.length; column++) {
                result[row] += matrix.values()[row][column] * vector[column];
            }
        }
        return result;
    }
}
