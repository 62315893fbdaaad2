package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.bench.CommandRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PeersCommandTest {
    @TempDir
    private Path empty;

    @Test
    void withoutOtherEnginesItSaysHowToGetThem() {
        CommandRun run = CommandRun.of("peers", "--libraries", empty);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains("mvn -P peers package", "scripts/peers", empty.toString());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void ourOwnMemoryIsMeasuredWithoutThem() throws Exception {
        CommandRun run = CommandRun.of(
                "peer-memory", "--peer", "stamp", "--model", "resnet20:0.2", "--batch", "2", "--backend", "vector");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        JsonNode memory = new ObjectMapper().readTree(run.out());
        assertThat(memory.get("peer").textValue()).isEqualTo("stamp");
        assertThat(memory.get("work").textValue()).isEqualTo("train resnet20 x0.2, batch 2");
        assertThat(memory.get("prepared_bytes").longValue()).isGreaterThan(1L << 20);
        assertThat(memory.get("peak_bytes").longValue())
                .isGreaterThanOrEqualTo(memory.get("prepared_bytes").longValue() / 2);
    }

    @Test
    void theCommandThatMeasuresItselfIsNotShown() {
        assertThat(CommandRun.of("help").out()).contains("peers").doesNotContain("peer-memory");
    }
}
