package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.bench.CommandRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PeersCommandTest {
    @TempDir
    private Path empty;

    private CommandRun compare(Object... args) throws Exception {
        List<Object> all = new ArrayList<>(List.of("peers", "--libraries", TwinProvider.folder(empty)));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray());
    }

    private void assertRefused(String problem, Object... args) throws Exception {
        CommandRun run = compare(args);

        assertThat(run.err()).contains(problem);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void workThatNoOtherEngineCanDoIsRefused() throws Exception {
        assertRefused("twin does not train", "--models", "resnet20:0.1", "--modes", "train");
        assertRefused("twin does not train", "--rss");
    }

    @Test
    void optionsWithoutWorkToActOnAreRefused() throws Exception {
        assertRefused("--modes belongs to networks", "--convs", "--modes", "train");
        assertRefused("--modes belongs to networks", "--rss", "--modes", "train");
        assertRefused("--batch belongs to networks", "--gemm", "2x2x2", "--batch", "3");
        assertRefused("--seconds belongs to work", "--rss", "--seconds", "3");
    }

    @Test
    void wrongValuesAreRefused() throws Exception {
        assertRefused("--seconds is 0.0", "--seconds", "0");
        assertRefused("--batch is 0", "--models", "resnet20", "--batch", "0");
        assertRefused("--models resnet20:wide", "--models", "resnet20:wide");
        assertRefused("lenet", "--models", "lenet:0.5");
        assertRefused("--gemm 1x2", "--gemm", "1x2");
        assertRefused("no engine 'tensorflow'", "--peers", "tensorflow");
    }

    @Test
    void theReportSaysWhatRanAndWhatDidNot() throws Exception {
        Path json = empty.resolve("peers.json");

        CommandRun run = compare(
                "--models",
                "resnet20:0.1",
                "--modes",
                "train,single",
                "--gemm",
                "2x3x4",
                "--seconds",
                "0.05",
                "--batch",
                "2",
                "--threads",
                "2",
                "--json",
                json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains(
                        "infer resnet20 x0.1, batch 1  twin", "GEMM 2 x 3 x 4", "stamp/it        our rate over theirs")
                .contains("left out 'train resnet20 x0.1, batch 2': twin does not train")
                .contains("--modes calls single")
                .doesNotContain("backend auto");
        JsonNode report = CommandRun.json(json);
        assertThat(report.get("results")).hasSize(2);
        assertThat(report.get("left_out")).hasSize(1);
        assertThat(report.at("/engines/0/version").textValue()).matches("float32, NHWC, backend \\w+: .+");
    }

    @Test
    void helpTellsWhatEachEngineCanDo() {
        CommandRun run = CommandRun.of("peers", "--help");

        assertThat(run.out()).contains("What each engine can do", "onnxruntime          -       yes");
    }

    @Test
    void withoutOtherEnginesItSaysHowToGetThem() {
        CommandRun run = CommandRun.of("peers", "--libraries", empty);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains("scripts/peers", empty.toString());
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
