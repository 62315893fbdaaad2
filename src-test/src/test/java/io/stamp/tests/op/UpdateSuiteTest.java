package io.stamp.tests.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.suite.Comparison;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What follows from every {@link UpdateSpec}. */
class UpdateSuiteTest {
    private static final int[] SIZES = {1, 3, 7, 15, 16, 17, 31, 33, 389, 70001};
    private static final double TOLERANCE = 1e-6;

    @BeforeAll
    static void vectorWorks() {
        Backing.requireVector();
    }

    static List<UpdateSpec> specs() {
        return UpdateSpec.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("specs")
    void everyBackendChangesWhatTheDefinitionChanges(UpdateSpec spec) {
        for (int size : SIZES) {
            Shape shape = Shape.of(size);
            List<double[]> before = spec.draw(shape);
            List<double[]> expected = after(spec, Backing.REFERENCE, shape, before);
            for (Backend backend : Backing.OTHERS) {
                List<double[]> actual = after(spec, backend, shape, before);
                for (int i = 0; i < actual.size(); i++) {
                    String what = Comparison.label(backend) + ", tensor " + i + " of " + size;
                    if (i < spec.update().mutated()) {
                        Backing.assertClose(what, actual.get(i), expected.get(i), TOLERANCE, 0);
                    } else {
                        assertThat(actual.get(i)).as(what).isEqualTo(before.get(i));
                    }
                }
            }
        }
    }

    private static List<double[]> after(UpdateSpec spec, Backend backend, Shape shape, List<double[]> before) {
        try (Scope _ = Scope.open()) {
            Tensor[] tensors = new Tensor[before.size()];
            for (int i = 0; i < tensors.length; i++) {
                tensors[i] = Tensor.of(backend, spec.shape(i, shape), before.get(i));
            }
            spec.update().run(tensors);
            return List.of(tensors).stream().map(Tensor::doubles).toList();
        }
    }
}
