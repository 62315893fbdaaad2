package io.stamp.tests.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shell scripts, as far as they can be run inside the tests that they run. */
@DisabledOnOs(OS.WINDOWS)
class ScriptsTest {
    private static final Path SCRIPTS = ProgramRun.projectFolder().resolve("scripts");

    @TempDir
    private Path folder;

    static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void eachExplainsItself(Path script) throws Exception {
        assertThat(script).isExecutable();

        ProgramRun run = ProgramRun.of(List.of(script.toString(), "--help"), Map.of());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("Usage: scripts/" + script.getFileName());
    }

    /** A folder that looks like a JDK of that version. */
    private Path installation(String name, String version) throws IOException {
        Path bin = Files.createDirectories(folder.resolve(name).resolve("bin"));
        for (String program : List.of("java", "javac")) {
            Path file = Files.writeString(bin.resolve(program), "#!/bin/sh\nexit 3\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        Files.writeString(folder.resolve(name).resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return folder.resolve(name);
    }

    private static ProgramRun javaHome(Path javaHome) throws Exception {
        return ProgramRun.of(
                List.of(SCRIPTS.resolve("java-home.sh").toString()), Map.of("JAVA_HOME", javaHome.toString()));
    }

    @Test
    void javaHomeIsTakenWhenItIsNewEnough() throws Exception {
        Path home = installation("a new one", "25.0.1");

        assertThat(javaHome(home).out().strip()).isEqualTo(home.toString());
    }

    @Test
    void javaHomeIsPassedOverWhenItIsOldOrNoJdk() throws Exception {
        Path old = installation("old", "24.0.2");
        Path withoutCompiler = installation("runtime", "26");
        Files.delete(withoutCompiler.resolve("bin/javac"));

        for (Path home : List.of(old, withoutCompiler, folder.resolve("missing"))) {
            ProgramRun run = javaHome(home);
            boolean foundAnother = run.exitCode() == 0;
            if (foundAnother) {
                assertThat(run.out().strip()).isNotEqualTo(home.toString());
            } else {
                assertThat(run.err()).contains("install").hasLineCount(1);
            }
        }
    }

    @Test
    void aWrongArgumentEndsWithTwo() throws Exception {
        for (List<String> words : List.of(
                List.of("fetch-data", "no-such-set"), List.of("fetch-data", "--dir"), List.of("dist", "--colour"))) {
            Path script = SCRIPTS.resolve(words.getFirst());
            ProgramRun run = ProgramRun.of(List.of(script.toString(), words.getLast()), Map.of());

            assertThat(run.exitCode()).as(words.toString()).isEqualTo(2);
            assertThat(run.err()).hasLineCount(1);
        }
    }

    @Test
    void mavenLeavesNoTerminalCodesInFiles() throws Exception {
        ProgramRun run =
                ProgramRun.of(List.of(SCRIPTS.resolve("maven.sh").toString(), "--offline", "--version"), Map.of());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out() + run.err()).contains("Apache Maven").doesNotContain("\u001b");
    }

    /** The words that Maven is called with; here it is a program that prints them. */
    private List<String> wordsForMaven(String... arguments) throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path maven = Files.writeString(bin.resolve("mvn"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve("test").toString()));
        command.addAll(List.of(arguments));
        String home = System.getProperty("java.home");
        ProgramRun run = ProgramRun.of(command, Map.of("PATH", bin + ":" + System.getenv("PATH"), "JAVA_HOME", home));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out().lines().toList();
    }

    /** The property that the build file excludes tests by; which are slow is a tag. */
    @Test
    void slowTestsRunWhereTheyAreAskedFor() throws Exception {
        assertThat(wordsForMaven("--slow", "-pl", "engine"))
                .endsWith("verify", "-Dtests.skipped=none", "-pl", "engine");
        assertThat(wordsForMaven("-pl", "engine"))
                .endsWith("verify", "-pl", "engine")
                .noneMatch(word -> word.contains("tests.skipped"));
        assertThat(Files.readString(SCRIPTS.resolveSibling("pom.xml")))
                .contains("<tests.skipped>slow</tests.skipped>", "timing | ${tests.skipped}</excludedGroups>");
    }
}
