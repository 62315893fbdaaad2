package io.stamp.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.engine.vector.VectorBackend;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Updates of many tuples in one call. */
class UpdateTest {
    private final Backend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Tensor vector(double... values) {
        return Tensor.of(backend, Shape.of(values.length), values);
    }

    @Test
    void tuplesOfDifferentShapesMayShareWhatIsRead() {
        Tensor one = vector(1);
        Tensor two = vector(1, 2);
        Tensor rate = vector(0.5);

        new SgdStep(0, 0, false)
                .runAll(List.of(
                        List.of(one, vector(0), vector(2), rate), List.of(two, vector(0, 0), vector(2, 4), rate)));

        assertThat(one.doubles()).containsExactly(0);
        assertThat(two.doubles()).containsExactly(0, 0);
    }

    @Test
    void weightsDecayAndBiasesDoNot() {
        Tensor bias = vector(4);
        Tensor weight = vector(4).reshape(1, 1);
        Tensor zero = vector(0);
        Tensor rate = vector(0.5);

        new SgdStep(0, 0.5, false)
                .runAll(List.of(
                        List.of(bias, vector(0), zero, rate),
                        List.of(weight, vector(0).reshape(1, 1), zero.reshape(1, 1), rate)));

        assertThat(bias.doubles()).containsExactly(4);
        assertThat(weight.doubles()).containsExactly(3);
    }

    @Test
    void tensorsOfAnotherBackendAreRefused() {
        Tensor here = vector(1, 2);
        try (Backend other = new VectorBackend(1)) {
            Tensor there = Tensor.of(other, Shape.of(2), 3, 4);
            MovingAverage update = new MovingAverage(0.1);
            for (List<List<Tensor>> tuples : List.of(
                    List.of(List.of(here, there)), List.of(List.of(here, vector(1, 1)), List.of(there, there)))) {
                assertThatThrownBy(() -> update.runAll(tuples))
                        .isInstanceOf(StampException.class)
                        .hasMessageContaining(
                                "MovingAverage is given tensors of different backends (reference, vector)");
            }
            assertThat(here.doubles()).containsExactly(1, 2);
        }
    }

    @Test
    void nothingToUpdateIsNoError() {
        new MovingAverage(0.1).runAll(List.of());
    }

    @Test
    void tuplesThatDependOnTheirOrderAreRefused() {
        Tensor a = vector(1, 2);
        Tensor b = vector(3, 4);
        Tensor c = vector(5, 6);
        MovingAverage update = new MovingAverage(0.1);

        List<List<Tensor>> twice = List.of(List.of(a, b), List.of(a.reshape(2), c));
        List<List<Tensor>> readAndWritten = List.of(List.of(a, b), List.of(b, c));

        for (List<List<Tensor>> tuples : List.of(twice, readAndWritten)) {
            assertThatThrownBy(() -> update.runAll(tuples))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining(
                            "MovingAverage overwrites a tensor of the shape [2] and uses it a second time");
        }
        assertThat(a.doubles()).containsExactly(1, 2);
        assertThat(b.doubles()).containsExactly(3, 4);
    }

    @Test
    void aShapeThatDoesNotFitIsRefusedBeforeAnythingChanges() {
        Tensor a = vector(1, 2);

        assertThatThrownBy(() -> new MovingAverage(1)
                        .runAll(List.of(List.of(a, vector(3, 4)), List.of(vector(1), vector(1, 2)))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("needs 2 tensors of one shape");
        assertThat(a.doubles()).containsExactly(1, 2);
    }
}
