package io.stamp.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.gpu.ReportTables;
import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The figures of docs/gpu.md are those of docs/measurements. */
class PublishedMeasurementsTest {
    private static final Path DOCS = ProgramRun.projectFolder().resolve("docs");

    @Test
    void theTablesAreThoseOfTheReports() throws IOException {
        List<Path> reports = Stream.of("speed", "inference", "pytorch", "step-kernels")
                .map(name -> DOCS.resolve("measurements/h200-" + name + ".json"))
                .toList();
        List<String> tables = ReportTables.of(reports);
        assertThat(tables)
                .contains(
                        "| resnet20 x0.4 | 512 | 96,691 | 103,521 | 42,649 | 41,923 | 105,780 | 45,782 | 2.43 | 0.98 |");
        assertThat(Files.readString(DOCS.resolve("gpu.md")))
                .contains(String.join("\n", tables).split("\n\n"));
    }

    @Test
    void nothingTellsWhoseMachineItWas() throws IOException {
        try (Stream<Path> files = Files.list(DOCS.resolve("measurements"))) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContainPattern("/(home|root|opt|tmp|usr)/");
            }
        }
    }
}
