package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.bench.Main;
import io.stamp.tests.ProgramRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code gpu-check} on the fake device at its smallest sizes: that it runs and says what it found, no measurement. */
class GpuCheckTest {
    private static final int LIMIT_SECONDS = 300;

    @TempDir
    private Path folder;

    @BeforeAll
    static void findTheFake() {
        FakeCuda.libraries();
    }

    private Path file() {
        return folder.resolve("report.json");
    }

    private JsonNode report() throws Exception {
        return new ObjectMapper().readTree(file().toFile());
    }

    private ProgramRun check(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = FakeCuda.command(Main.class);
        command.addAll(List.of("gpu-check", "--tiny", "--out", file().toString()));
        command.addAll(List.of(arguments));
        return ProgramRun.of(command, environment, LIMIT_SECONDS);
    }

    /** A program that prints these lines whatever it is asked, and keeps what it was asked. */
    private String python(String... lines) throws Exception {
        Path text = Files.write(folder.resolve("lines"), List.of(lines));
        Path program = Files.writeString(
                folder.resolve("python"), "#!/bin/sh\necho \"$@\" > '" + asked() + "'\ncat '" + text + "'\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program.toString();
    }

    private Path asked() {
        return folder.resolve("asked");
    }

    private static String pytorchResult(String mode, int parameters, double rate) {
        return ("{'work':'training','network':'resnet20','width':0.1,'parameters':%d,'batch':2,'precision':'strict',"
                        + "'mode':'%s','images_per_second':{'median':%s,'p10':1,'p90':9,'samples':3}}")
                .formatted(parameters, mode, rate)
                .replace('\'', '"');
    }

    @Test
    void everyPartRunsAndIsLabelledAsNoMeasurement() throws Exception {
        ProgramRun run = check(Map.of(), "--python", python("{\"missing\": \"no torch here\"}"));

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode report = report();
        assertThat(report.get("measured_on_a_gpu").booleanValue()).isFalse();
        assertThat(report.get("device").textValue()).contains("fake", "no number here is a measurement");
        assertThat(report.at("/provenance/versions").toString()).contains("cuBLAS", "cuDNN", "NVIDIA driver");
        assertThat(report.get("failures")).isEmpty();
        assertThat(report.get("checks")).hasSize(3).allSatisfy(check -> assertThat(
                        check.get("passed").booleanValue())
                .isTrue());
        assertThat(report.get("kernels").findValuesAsText("tensors_in")).contains("device memory", "level-2 cache");
        assertThat(report.get("ceilings").findValuesAsText("what"))
                .anyMatch(what -> what.contains("bf16 operands, sums in float32"));
        for (String section : List.of("ceilings", "networks", "inner_steps", "kernels", "launches")) {
            assertThat(report.get(section)).as(section).isNotEmpty();
        }
        assertThat(report.get("kernels").findValuesAsText("algorithm")).contains("cudnn 1", "own direct", "");
        assertThat(report.get("networks").findValuesAsText("mode")).contains("eager", "graph");
        assertThat(report.get("left_out").toString()).contains("no torch here");
        assertThat(report.get("complete").booleanValue()).isFalse();
    }

    @Test
    void resultsOfPyTorchAreComparedWithOurs() throws Exception {
        String[] lines = {
            "{\"versions\":{\"torch\":\"9.9\"}}", pytorchResult("eager", 2759, 2), pytorchResult("graph", 2759, 4)
        };

        ProgramRun run = check(Map.of(), "--parts", "training,pytorch", "--python", python(lines));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(report().get("complete").booleanValue()).isTrue();
        assertThat(report().get("pytorch")).hasSize(3);
        assertThat(Files.readString(asked()))
                .contains(" --rate 0.001 --momentum 0.9 --decay 5.0E-4 --epsilon 1.0E-5 --statistics-rate 0.1 ");
        JsonNode row = report().at("/summary/0/rows/0");
        assertThat(row.at("/subject/precision").textValue()).isEqualTo("strict");
        assertThat(row.get("pytorch_mode").textValue()).isEqualTo("graph");
        double ours = row.get("images_per_second").doubleValue();
        assertThat(row.get("times_best").doubleValue()).isEqualTo(ours / 4);
        assertThat(row.get("times_eager").doubleValue()).isEqualTo(ours / 2);
        assertThat(report().at("/summary/0/means/0/count").intValue()).isEqualTo(1);
    }

    @Test
    void anotherNetworkUnderTheSameNameIsRefused() throws Exception {
        ProgramRun run =
                check(Map.of(), "--parts", "training,pytorch", "--python", python(pytorchResult("eager", 9, 2)));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(report().get("failures").toString()).contains("2759 parameters", "not the same networks");
    }

    @Test
    void aPartThatFailsIsReportedAndTheNextOnesRun() throws Exception {
        ProgramRun run = check(Map.of("FAKE_CUDA_FAULT", "launch:50"), "--parts", "leak,launches");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("3 failures", file().toString());
        assertThat(report().get("failures"))
                .extracting(failure -> failure.get("part").textValue())
                .containsExactly("leak", "ceilings", "launches");
        assertThat(report().get("failures").toString()).contains("cuLaunchKernel");
    }

    @Test
    void aLostDeviceEndsTheMeasurementsAndTheReportSaysWhere() throws Exception {
        ProgramRun run = check(Map.of("FAKE_CUDA_FAULT", "lost-device:3000"), "--parts", "suite,launches");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(report().get("failures"))
                .extracting(failure -> failure.get("part").textValue())
                .containsExactly("suite");
        assertThat(report().get("failures").toString()).contains("CUDA_ERROR_ILLEGAL_ADDRESS", "start it again");
        assertThat(report().get("left_out"))
                .extracting(left -> left.get("what").textValue())
                .containsExactly("ceilings", "launches");
    }

    @Test
    void aCaseThatALibraryRefusesIsNamedAndTheOthersRun() throws Exception {
        ProgramRun run = check(Map.of("FAKE_CUDA_FAULT", "one-launch:200"), "--parts", "suite");

        assertThat(run.exitCode()).isEqualTo(1);
        JsonNode suite = report().at("/checks/0");
        assertThat(suite.get("cases").intValue()).isGreaterThan(1);
        assertThat(suite.get("wrong").toString()).contains("failed: ", "cuLaunchKernel");
        assertThat(report().get("ceilings")).isNotEmpty();
    }

    @Test
    void withoutADeviceTheReportSaysWhy() throws Exception {
        ProgramRun run = check(Map.of("FAKE_CUDA_FAULT", "no-device:0"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).doesNotContain("\tat ");
        assertThat(report().get("device").textValue()).isEqualTo("none");
        assertThat(report().get("measured_on_a_gpu").booleanValue()).isFalse();
        assertThat(report().get("complete").booleanValue()).isFalse();
        assertThat(report().get("machine").get("libraries")).isNotEmpty();
        assertThat(report().at("/failures/0/part").textValue()).isEqualTo("device");
        assertThat(report().at("/failures/0/reason").textValue()).isNotBlank();
    }

    @Test
    void nothingNewBeginsWhenTheTimeIsOver() throws Exception {
        ProgramRun run = check(Map.of(), "--parts", "training", "--minutes", "0.0001");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(report().get("networks")).isEmpty();
        assertThat(report().get("left_out").toString()).contains("training of resnet20 0.1", "the time was up");
    }

    @Test
    void aWrongPartIsRefused() throws Exception {
        ProgramRun run = check(Map.of(), "--parts", "training,cooking");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("cooking", "suite, leak, ceilings");
    }
}
