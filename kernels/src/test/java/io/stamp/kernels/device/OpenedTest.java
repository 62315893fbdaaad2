package io.stamp.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedTest {
    private final List<String> closed = new ArrayList<>();
    private final Opened opened = new Opened();

    @Test
    void everythingIsClosedInReverseOrderAlsoAfterAFailure() {
        opened.add(() -> closed.add("context"));
        opened.add(() -> {
            throw new IllegalStateException("stream");
        });
        opened.add(() -> closed.add("handle"));
        opened.add(() -> {
            throw new IllegalStateException("image");
        });

        assertThatThrownBy(opened::close).hasMessage("image").satisfies(first -> assertThat(first.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("stream"));
        assertThat(closed).containsExactly("handle", "context");

        opened.close();
        assertThat(closed).hasSize(2);
    }

    @Test
    void theFailureThatStoppedTheOpeningStaysTheOneThatIsSeen() {
        opened.add(() -> {
            throw new IllegalStateException("stream");
        });

        RuntimeException seen = opened.after(new IllegalArgumentException("no device"));

        assertThat(seen).hasMessage("no device").hasSuppressedException(new IllegalStateException("stream"));
    }
}
