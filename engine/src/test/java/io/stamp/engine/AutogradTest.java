package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.op.Concat;
import io.stamp.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutogradTest {
    private Backend backend;
    private Scope scope;

    @BeforeEach
    void open() {
        backend = new ReferenceBackend();
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Tensor leaf(double... values) {
        return Tensor.of(backend, Shape.of(values.length), values).leaf();
    }

    private static double[] gradient(Tensor loss, Tensor wrt) {
        return Autograd.gradients(loss, List.of(wrt)).getFirst().doubles();
    }

    @Test
    void aSharedTensorCollectsTheGradientsOfAllItsUses() {
        Tensor x = leaf(3, -2);
        Tensor y = x.times(x);
        assertThat(gradient(y.plus(y).times(x).sum(), x)).containsExactly(6 * 9, 6 * 4);
    }

    @Test
    void targetsMayDependOnOneAnotherAndRepeat() {
        Tensor x = leaf(3);
        Tensor y = x.times(x);
        Tensor loss = y.times(y).plus(x).sum();
        List<Tensor> gradients = Autograd.gradients(loss, List.of(y, x, x, loss));
        assertThat(gradients.stream().map(Tensor::scalar)).containsExactly(18.0, 109.0, 109.0, 1.0);
    }

    @Test
    void aSquareHasAThirdDerivativeAtZero() {
        Tensor x = leaf(0, 2);
        Tensor loss = x.power(2).sum();
        Tensor first = Autograd.gradients(loss, List.of(x), true)
                .getFirst()
                .sum()
                .plus(x.times(0).sum());
        Tensor second = Autograd.gradients(first, List.of(x), true)
                .getFirst()
                .sum()
                .plus(x.times(0).sum());
        assertThat(gradient(second, x)).containsExactly(0, 0);
    }

    @Test
    void joiningAnEmptyPartGivesItAnEmptyGradient() {
        Tensor x = leaf(1, 2);
        Tensor empty = leaf();
        Tensor loss = Concat.of(0, x, empty).sum();
        List<Tensor> gradients = Autograd.gradients(loss, List.of(x, empty));
        assertThat(gradients.get(0).doubles()).containsExactly(1, 1);
        assertThat(gradients.get(1).doubles()).isEmpty();
    }

    @Test
    void anOpThatCannotRunRetainsNothing() {
        long before = backend.memory().liveBytes();
        try (Scope _ = Scope.open()) {
            Tensor x = leaf(1, 2);
            Tensor closed = leaf(3, 4);
            closed.close();
            assertThatThrownBy(() -> x.times(closed)).hasMessageContaining("used after its scope had closed");
        }
        assertThat(backend.memory().liveBytes()).isEqualTo(before);
    }
}
