package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.Backends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @TempDir
    private Path folder;

    @Test
    void everyBackendIsListedOnceAlsoThoseThatThisBuildLacks() throws Exception {
        Path json = folder.resolve("doctor.json");

        CommandRun run = CommandRun.of("doctor", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> all = new ArrayList<>(
                Backends.providers().stream().map(BackendProvider::name).toList());
        all.addAll(Backends.missing());
        assertThat(all).contains("vector", "reference", "cuda");
        assertThat(CommandRun.json(json).at("/cuda/choices").textValue()).isNotBlank();
        assertThat(run.out()).contains("convolution algorithms: ");
        JsonNode backends = CommandRun.json(json).get("backends");
        assertThat(backends.findValuesAsText("name")).isEqualTo(all);
        for (JsonNode backend : backends) {
            String name = backend.get("name").textValue();
            boolean missing = Backends.missing().contains(name);
            assertThat(backend.get("reason").textValue().startsWith("not in this build"))
                    .as(name)
                    .isEqualTo(missing);
            assertThat(run.out())
                    .contains(name
                            + (backend.get("usable").booleanValue() ? " works: " : " does not work: ")
                            + backend.get("reason").textValue());
        }
    }
}
