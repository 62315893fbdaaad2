package io.stamp.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.Backends;
import io.stamp.engine.StampException;
import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector backend says why it cannot be used, before anything depends on it. */
class VectorAvailabilityTest {
    /** Prints what each provider says, in a JVM of its own. */
    public static final class PrintAvailability {
        private PrintAvailability() {}

        public static void main(String[] arguments) {
            for (BackendProvider provider : Backends.providers()) {
                Backend.Support support = provider.available();
                System.out.println(provider.name() + ": " + support.supported() + ", " + support.reason());
            }
        }
    }

    private static String availability(String... jvmOptions) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(jvmOptions));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PrintAvailability.class.getName()));
        ProgramRun run = ProgramRun.of(command, Map.of());
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void itNamesTheMissingModule() throws IOException, InterruptedException {
        assertThat(availability())
                .contains("vector: false, ", "--add-modules jdk.incubator.vector")
                .contains("reference: true");
    }

    @Test
    void itSaysThatAnInterpreterIsSlow() throws IOException, InterruptedException {
        assertThat(availability("--add-modules", "jdk.incubator.vector", "-Xint"))
                .contains("vector: true, ", "; slow: ", "this JVM interprets");
    }

    @ParameterizedTest
    @ValueSource(strings = {"128", "256"})
    void itSaysHowWideItsVectorsAre(String bits) throws IOException, InterruptedException {
        assertThat(availability("--add-modules", "jdk.incubator.vector", "-Dstamp.vector.bits=" + bits))
                .contains("vector: true, ", Integer.parseInt(bits) / 32 + " lanes (" + bits + " bits)");
    }

    @Test
    void itIsPreferredToTheReference() {
        assertThat(Backends.providers().stream().map(BackendProvider::name)).containsSubsequence("vector", "reference");
        assertThatThrownBy(() -> Backends.open("vector", 0))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("threads");
    }
}
