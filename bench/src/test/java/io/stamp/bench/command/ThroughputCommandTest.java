package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThroughputCommandTest {
    @TempDir
    private Path folder;

    private Path json;

    @BeforeEach
    void name() {
        json = folder.resolve("report.json");
    }

    private JsonNode reportOf(Object... args) throws Exception {
        Object[] all = new Object[args.length + 5];
        all[0] = "throughput";
        System.arraycopy(args, 0, all, 1, args.length);
        System.arraycopy(new Object[] {"--seconds", "0.05", "--json", json}, 0, all, args.length + 1, 4);
        CommandRun run = CommandRun.of(all);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        return CommandRun.json(json);
    }

    private static void assertSaneRate(JsonNode report, String median) {
        assertThat(report.get("p10").doubleValue()).isPositive();
        assertThat(report.get(median).doubleValue())
                .isBetween(report.get("p10").doubleValue(), report.get("p90").doubleValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"train", "infer"})
    void theReportOfAModelKeepsItsContract(String mode) throws Exception {
        JsonNode report = reportOf(
                "--model",
                "resnet20",
                "--width",
                "0.4",
                "--batch",
                "2",
                "--mode",
                mode,
                "--threads",
                "2",
                "--backend",
                "vector");

        assertSaneRate(report, "images_per_second");
        assertThat(report.get("parameters").longValue()).isEqualTo(45_191);
        assertThat(report.get("macs").longValue()).isEqualTo(6_466_564);
        assertThat(report.get("model").textValue()).isEqualTo("resnet20");
        assertThat(report.get("width").doubleValue()).isEqualTo(0.4);
        assertThat(report.get("batch").intValue()).isEqualTo(2);
        assertThat(report.get("mode").textValue()).isEqualTo(mode);
        assertThat(report.get("threads").intValue()).isEqualTo(2);
        assertThat(report.get("backend").textValue()).isEqualTo("vector");
        assertThat(report.get("graphs").booleanValue()).isFalse();
        assertThat(report.get("peak_tensor_bytes").longValue()).isGreaterThan(4 * 45_191);
        JsonNode provenance = report.get("provenance");
        assertThat(provenance.get("configuration").get("width").doubleValue()).isEqualTo(0.4);
        assertThat(provenance.get("command_line").get(0).textValue()).isEqualTo("throughput");
    }

    @Test
    void aCheckpointIsMeasuredAsItIs() throws Exception {
        Path file = folder.resolve("compact.safetensors");
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Map<String, Integer> channels = Map.of("stage1.block0.conv1", 2);
            Model model = Model.init(backend, Models.create("resnet20", 7, 0.2, channels), 1);
            Provenance provenance = Provenance.collect(
                    new Provenance.Run(1, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
            ModelFile.save(file, model, Checkpoint.Kind.COMPACT, provenance, ModelFile.noDetails());

            JsonNode report = reportOf("--checkpoint", file, "--batch", "2", "--mode", "infer");

            assertSaneRate(report, "images_per_second");
            assertThat(report.get("parameters").longValue())
                    .isEqualTo(model.network().trace().parameterCount());
            assertThat(report.get("classes").intValue()).isEqualTo(7);
            assertThat(report.get("provenance")
                            .get("configuration")
                            .get("checkpointSha256")
                            .textValue())
                    .hasSize(64);
        }
    }

    @Test
    void aConvolutionIsReportedForwardAndWithBothGradients() throws Exception {
        JsonNode report = reportOf("--conv", "2,8,8,4,6,3,2");

        assertThat(report.get("macs").longValue()).isEqualTo(2 * 4 * 4 * 6 * 3 * 3 * 4);
        assertThat(report.get("gflops_forward").doubleValue()).isPositive();
        assertThat(report.get("gflops_forward_backward").doubleValue()).isPositive();
        assertThat(report.get("provenance").isObject()).isTrue();
    }

    @Test
    void aGemmIsReported() throws Exception {
        JsonNode report = reportOf("--gemm", "7x5x3");

        assertSaneRate(report, "gflops");
        assertThat(report.get("provenance").isObject()).isTrue();
    }

    @Test
    void withoutASubjectTwoWidthsAreCompared() throws Exception {
        JsonNode report = reportOf("--batch", "2");

        List<JsonNode> results =
                IntStream.range(0, 4).mapToObj(report.get("results")::get).toList();
        assertThat(results)
                .extracting(result -> result.get("mode").textValue())
                .containsExactly("train", "train", "infer", "infer");
        assertThat(results)
                .extracting(result -> result.get("width").doubleValue())
                .containsExactly(1.0, 0.4, 1.0, 0.4);
        results.forEach(result -> assertSaneRate(result, "images_per_second"));
        JsonNode narrow = results.get(1);
        assertThat(results.get(0).get("parameters").longValue()).isEqualTo(272_474);
        assertThat(narrow.get("mac_ratio").doubleValue()).isCloseTo(6.312, within(1e-3));
        assertThat(narrow.get("efficiency").doubleValue())
                .isCloseTo(
                        narrow.get("speed_up").doubleValue()
                                / narrow.get("mac_ratio").doubleValue(),
                        within(1e-9));
        CommandRun run = CommandRun.of("throughput", "--batch", "2", "--seconds", "0.05");
        assertThat(run.out()).contains("efficiency", "272,474", "45,191", "train", "infer");
    }

    @Test
    void theModeHoldsForTheComparisonToo() throws Exception {
        JsonNode report = reportOf("--batch", "2", "--mode", "infer");

        assertThat(report.get("results"))
                .extracting(result -> result.get("mode").textValue())
                .containsExactly("infer", "infer");
    }

    @Test
    void aWidthMayStandBehindTheName() throws Exception {
        JsonNode report = reportOf("--model", "resnet20:0.4", "--batch", "2", "--mode", "infer");

        assertThat(report.get("parameters").longValue()).isEqualTo(45_191);
        assertThat(report.get("width").doubleValue()).isEqualTo(0.4);
    }

    @Test
    void wrongInputIsOneSentence() {
        assertRefused("lenet", "throughput", "--model", "lenet");
        assertRefused("-0.5", "throughput", "--model", "resnet20", "--width", "-0.5");
        assertRefused("--width", "throughput", "--width", "0.4");
        assertRefused("--batch is 0", "throughput", "--model", "resnet20", "--batch", "0");
        assertRefused("--batch is -1", "throughput", "--batch", "-1");
        assertRefused("--seconds is 0.0", "throughput", "--seconds", "0");
        assertRefused("--seconds is Infinity", "throughput", "--seconds", "Infinity");
        assertRefused("--model resnet20:wide", "throughput", "--model", "resnet20:wide");
        assertRefused("both give a width", "throughput", "--model", "resnet20:0.4", "--width", "0.5");
        assertRefused("--batch belongs to networks", "throughput", "--conv", "2x8x8x4x6x3x2", "--batch", "2");
        assertRefused("--mode belongs to networks", "throughput", "--gemm", "2x2x2", "--mode", "infer");
        assertRefused("NxHxWxCxOxKxSTRIDE", "throughput", "--conv", "1,2,3");
        assertRefused("--gemm", "throughput", "--gemm", "1,x,3");
        assertRefused("nowhere", "throughput", "--checkpoint", folder.resolve("nowhere"));
    }

    private static void assertRefused(String part, Object... args) {
        CommandRun run = CommandRun.of(args);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(part).doesNotContain("\tat ");
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void anUnwritableReportIsAnError() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        CommandRun run =
                CommandRun.of("throughput", "--gemm", "2,2,2", "--seconds", "0.01", "--json", file.resolve("x"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Cannot write").contains(file.toString());
    }

    @Test
    void graphsAreAskedForWhereThereAreSome() {
        CommandRun none = CommandRun.of("throughput", "--backend", "vector", "--model", "resnet20", "--graphs", "on");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err().strip()).endsWith("The backend vector has no graphs; omit --graphs on.");

        CommandRun layer = CommandRun.of("throughput", "--backend", "vector", "--gemm", "2,2,2", "--graphs", "off");
        assertThat(layer.exitCode()).isEqualTo(2);
        assertThat(layer.err()).contains("--graphs belongs to networks");
    }
}
