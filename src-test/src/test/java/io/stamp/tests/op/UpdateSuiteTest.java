package io.stamp.tests.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.suite.Closeness;
import io.stamp.bench.suite.UpdateSpec;
import io.stamp.engine.Backend;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What follows from every {@link UpdateSpec}. */
class UpdateSuiteTest {
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
        for (Backend backend : Backing.OTHERS) {
            for (Closeness closeness : spec.compare(backend, Backing.REFERENCE)) {
                assertThat(closeness.holds()).as(closeness.toString()).isTrue();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("specs")
    void manyTuplesInOneCallGetTheBitsOfOneCallEach(UpdateSpec spec) {
        for (Backend backend : Backing.OTHERS) {
            List<List<double[]>> together = spec.after(backend, true);
            List<List<double[]>> apart = spec.after(backend, false);
            for (int tuple = 0; tuple < apart.size(); tuple++) {
                for (int i = 0; i < apart.get(tuple).size(); i++) {
                    assertThat(together.get(tuple).get(i))
                            .isEqualTo(apart.get(tuple).get(i));
                }
            }
        }
    }
}
