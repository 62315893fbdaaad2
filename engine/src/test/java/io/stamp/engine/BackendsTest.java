package io.stamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BackendsTest {
    /** The engine alone has no GPU backend. */
    @Test
    void aBackendOfAnotherBuildIsMissingAndAnInventedOneUnknown() {
        assertThat(Backends.missing()).containsExactly("cuda");
        assertThatThrownBy(() -> Backends.open("cuda", 1))
                .isInstanceOf(StampException.class)
                .hasMessage("The backend 'cuda' is not in this build; choose one of auto, vector, reference.");
        assertThatThrownBy(() -> Backends.open("abacus", 1))
                .isInstanceOf(StampException.class)
                .hasMessage("There is no backend 'abacus'; choose one of auto, vector, reference.");
    }
}
