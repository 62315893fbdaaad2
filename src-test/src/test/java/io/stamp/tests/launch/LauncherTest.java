package io.stamp.tests.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.tests.ProgramRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The jar with no flags given, on this Java and on an old one. */
class LauncherTest {
    @TempDir
    private Path folder;

    private static List<String> command(Java java, List<String> jvmOptions, Path jar, String... args) {
        assumeTrue(java.isThere(), Java.NONE_TO_TRY);
        List<String> command = new ArrayList<>(List.of(java.program().toString()));
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(List.of(args));
        return command;
    }

    private static ProgramRun run(Java java, String... args) throws Exception {
        return ProgramRun.of(command(java, List.of(), ProgramRun.jar(), args), Java.environment());
    }

    private JsonNode doctor(Java java, List<String> jvmOptions, Map<String, String> environment) throws Exception {
        Path json = folder.resolve("der Prüfbericht.json");
        var everything = new HashMap<>(Java.environment());
        everything.putAll(environment);
        List<String> command = command(java, jvmOptions, ProgramRun.jar(), "doctor", "--json", json.toString());
        ProgramRun run = ProgramRun.of(command, everything);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("JVM ");
        return new ObjectMapper().readTree(json.toFile());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.textValue()));
        return texts;
    }

    @ParameterizedTest
    @EnumSource
    void needsNoFlags(Java java) throws Exception {
        JsonNode report = doctor(java, List.of(), Map.of());

        assertThat(report.at("/jvm/version").textValue()).matches("(2[5-9]|[3-9]\\d).*");
        assertThat(report.at("/vector/module_resolved").booleanValue()).isTrue();
        assertThat(report.at("/vector/float_lanes").intValue()).isPositive();
        assertThat(report.at("/cpu/model").textValue()).isNotBlank();
        assertThat(report.at("/memory/heap_limit_bytes").longValue())
                .isBetween(1L << 20, report.at("/memory/machine_bytes").longValue());
        assertThat(texts(report.at("/jvm/options")))
                .contains("-XX:+UseSerialGC", "-Xmn24m", "-Xms64m", "-XX:MinHeapFreeRatio=5");
        assertThat(report.at("/backends").findValuesAsText("name")).contains("reference");
        assertThat(report.at("/backends").findValuesAsText("reason")).noneMatch(String::isBlank);
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheUsersOptions(Java java) throws Exception {
        JsonNode report = doctor(java, List.of("-Xmx300m", "-XX:+UseParallelGC", "-Dtold=a b"), Map.of());

        assertThat(texts(report.at("/jvm/options")))
                .contains("-Xmx300m", "-XX:+UseParallelGC", "-Dtold=a b")
                .doesNotContain("-XX:+UseSerialGC", "-Xmn24m", "-Xms64m")
                .noneMatch(option -> option.startsWith("-XX:MaxRAMPercentage"));
        assertThat(report.at("/memory/heap_limit_bytes").longValue()).isLessThanOrEqualTo(300L << 20);
    }

    @ParameterizedTest
    @EnumSource
    void takesOptionsOfTheEnvironmentOnce(Java java) throws Exception {
        JsonNode report = doctor(
                java, List.of(), Map.of("JDK_JAVA_OPTIONS", "-Dfrom.java=1", "JAVA_TOOL_OPTIONS", "-Dfrom.tool=1"));

        List<String> options = texts(report.at("/jvm/options"));
        assertThat(Collections.frequency(options, "-Dfrom.java=1")).isEqualTo(1);
        assertThat(Collections.frequency(options, "-Dfrom.tool=1")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void passesExitCodesOn(Java java) throws Exception {
        ProgramRun unknown = run(java, "doktor");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("'doktor'");
        assertThat(unknown.out()).isEmpty();

        Path file = Files.createFile(folder.resolve("file"));
        ProgramRun unwritable = run(java, "doctor", "--json", file + "/report.json");
        assertThat(unwritable.exitCode()).isEqualTo(2);
        assertThat(unwritable.err()).contains("report.json").doesNotContain("\tat ");
        assertThat(file).isEmptyFile();
    }

    @Test
    void theFolderMayHaveSpaces() throws Exception {
        Path jar = Files.copy(
                ProgramRun.jar(), Files.createDirectory(folder.resolve("a b")).resolve("stamp bench.jar"));

        ProgramRun run = ProgramRun.of(command(Java.NEW, List.of(), jar, "--version"), Map.of());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("STAMP ").doesNotContain("null", "${");
    }

    @Test
    void aFullDiskIsOneSentence() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")), "no /dev/full on this system");

        ProgramRun run = run(Java.NEW, "doctor", "--json", "/dev/full");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("/dev/full").contains("No space left").doesNotContain("\tat ");
    }
}
