package io.stamp.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFileTest {
    private record Sample(double imagesPerSecond, List<Integer> keptChannels) {}

    @Test
    void namesAreInSnakeCase() {
        assertThat(JsonFile.text(new Sample(2.5, List.of(1, 2)))).isEqualTo("""
                {
                  "images_per_second" : 2.5,
                  "kept_channels" : [
                    1,
                    2
                  ]
                }
                """);
    }

    @Test
    void anUnwritableValueLeavesTheOlderFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("report.json");
        JsonFile.write(file, Map.of("run", 1));
        Map<String, Object> unwritable = Map.of("self", new Object() {
            @SuppressWarnings("unused")
            public Object getSelf() {
                return this;
            }
        });

        assertThatThrownBy(() -> JsonFile.write(file, unwritable)).isInstanceOf(IllegalArgumentException.class);

        assertThat(Files.readString(file)).isEqualTo("{\n  \"run\" : 1\n}\n");
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void aFileInPlaceOfTheFolderIsOneSentence(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> JsonFile.write(file.resolve("report.json"), Map.of()))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("report.json");
    }
}
