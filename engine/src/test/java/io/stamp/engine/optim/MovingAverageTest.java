package io.stamp.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MovingAverageTest {
    /** The difference of the two numbers has no room for the small one's digits, in float32 as in float64. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector"})
    void rateOneLeavesNothingOfALargeOldValue(String name) {
        try (Backend backend = Backends.open(name, 2);
                Scope _ = Scope.open()) {
            Tensor average = Tensor.of(backend, Shape.of(3), 1e30, -1e30, Double.NaN);
            Tensor value = Tensor.of(backend, Shape.of(3), 0.125, 3, 7);

            new MovingAverage(1).run(average, value);

            assertThat(average.doubles()).containsExactly(0.125, 3, 7);
        }
    }
}
