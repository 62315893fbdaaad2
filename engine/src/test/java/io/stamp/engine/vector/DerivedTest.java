package io.stamp.engine.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.optim.SgdStep;
import org.junit.jupiter.api.Test;

/** Packed weights are kept with their tensor and forgotten when it changes. */
class DerivedTest {
    private static float first(Tensor x, Tensor weight, Tensor bias) {
        return FusedConv2d.of(x, weight, bias, 1, 0, 1, false).floats()[0];
    }

    @Test
    void changedWeightsArePackedAgain() {
        try (VectorBackend backend = new VectorBackend(1);
                Scope _ = Scope.open()) {
            Tensor x = Tensor.filled(backend, Shape.of(1, 8, 8, 1), 1);
            Tensor bias = Tensor.filled(backend, Shape.of(1), 0);
            Tensor weight = Tensor.filled(backend, Shape.of(1, 1, 1, 1), 2);
            assertThat(first(x, weight, bias)).isEqualTo(2);
            assertThat(first(x, weight, bias)).isEqualTo(2);

            backend.write(weight, new double[] {3});
            assertThat(first(x, weight, bias)).isEqualTo(3);

            Tensor velocity = Tensor.filled(backend, Shape.of(1, 1, 1, 1), 0);
            Tensor gradient = Tensor.filled(backend, Shape.of(1, 1, 1, 1), 1);
            new SgdStep(0, 0, false).run(weight, velocity, gradient, Tensor.of(backend, Shape.of(1), 1));
            assertThat(first(x, weight, bias)).isEqualTo(2);
        }
    }

    @Test
    void freedMemoryForgets() {
        try (VectorBackend backend = new VectorBackend(1);
                Scope _ = Scope.open()) {
            Tensor x = Tensor.filled(backend, Shape.of(1, 8, 8, 1), 1);
            Tensor bias = Tensor.filled(backend, Shape.of(1), 0);
            for (int value = 1; value < 5; value++) {
                try (Scope _ = Scope.open()) {
                    Tensor weight = Tensor.filled(backend, Shape.of(1, 1, 1, 1), value);
                    assertThat(first(x, weight, bias)).isEqualTo(value);
                }
            }
        }
    }
}
