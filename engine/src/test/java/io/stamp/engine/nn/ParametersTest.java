package io.stamp.engine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParametersTest {
    private static ParameterSpec normal(String name) {
        return new ParameterSpec(name, Shape.of(8), new ParameterSpec.Initial.Normal(1));
    }

    @Test
    void namesThatWouldShareARandomStreamAreRefused() {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            assertThatThrownBy(() -> Parameters.initialise(backend, List.of(normal("Aa"), normal("BB")), 1))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("'Aa' and 'BB'");
        }
    }

    @Test
    void aParameterKeepsItsValuesWhenOthersAreAdded() {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            double[] alone = Parameters.initialise(backend, List.of(normal("b")), 1)
                    .get("b")
                    .doubles();
            Parameters both = Parameters.initialise(backend, List.of(normal("a"), normal("b")), 1);
            assertThat(both.get("b").doubles())
                    .isEqualTo(alone)
                    .isNotEqualTo(both.get("a").doubles());
        }
    }
}
