package io.stamp.tests.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process that the launcher leaves behind. The program is held in the middle of its work by a report that goes to a pipe
 * which nobody reads.
 */
@EnabledOnOs(OS.LINUX)
class LauncherProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int TERMINATED = 128 + 15;

    @TempDir
    private Path folder;

    private Path pipe;
    private Process started;

    @BeforeEach
    void makePipe() throws Exception {
        pipe = folder.resolve("pipe");
        ProgramRun made = ProgramRun.of(List.of("mkfifo", pipe.toString()), Map.of());
        assertThat(made.exitCode()).as(made.err()).isZero();
    }

    @AfterEach
    void endProcesses() {
        if (started != null) {
            started.descendants().forEach(ProcessHandle::destroyForcibly);
            started.destroyForcibly();
        }
    }

    @Test
    void theNewJvmHasTheNumberOfTheOldOne() throws Exception {
        start(Path.of(System.getProperty("java.home"), "bin", "java"));

        await("the program runs in the started process", () -> runsProgram(started.toHandle()));

        assertThat(started.children()).isEmpty();
    }

    @Test
    void signalsReachIt() throws Exception {
        start(Path.of(System.getProperty("java.home"), "bin", "java"));
        await("the program has printed its result", () -> output().contains("Memory "));

        signal("QUIT");
        await("the thread dump", () -> output().contains("Full thread dump"));
        signal("TERM");

        assertThat(started.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(started.exitValue()).isEqualTo(TERMINATED);
    }

    @Test
    void theChildOfAnOldJavaEndsWithIt() throws Exception {
        start(oldJava());
        ProcessHandle child = awaitChild();

        signal("TERM");

        assertThat(started.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(started.exitValue()).isEqualTo(TERMINATED);
        await("the child has ended", () -> !child.isAlive());
    }

    @Test
    void theChildOfAnOldJavaDoesNotOutliveItsKill() throws Exception {
        start(oldJava());
        ProcessHandle child = awaitChild();

        signal("KILL");

        await("the child has ended", () -> !child.isAlive());
    }

    private static Path oldJava() {
        assumeTrue(Java.OLD.isThere(), Java.NONE_TO_TRY);
        return Java.OLD.program();
    }

    private void start(Path java) throws IOException {
        List<String> command =
                List.of(java.toString(), "-jar", ProgramRun.jar().toString(), "doctor", "--json", pipe.toString());
        started = ProgramRun.builder(command, Java.environment())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private ProcessHandle awaitChild() {
        await("a child runs the program", () -> started.children().anyMatch(LauncherProcessTest::runsProgram));
        await("the program has printed its result", () -> output().contains("Memory "));
        return started.children().findFirst().orElseThrow();
    }

    private void signal(String name) throws Exception {
        ProgramRun sent = ProgramRun.of(List.of("kill", "-" + name, Long.toString(started.pid())), Map.of());
        assertThat(sent.exitCode()).as(sent.err()).isZero();
    }

    private static boolean runsProgram(ProcessHandle process) {
        Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            return Stream.of(Files.readString(commandLine).split("\0")).anyMatch("io.stamp.bench.Main"::equals);
        } catch (IOException e) {
            return false;
        }
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return "";
        }
    }

    private void await(String what, BooleanSupplier condition) {
        Instant end = Instant.now().plus(LIMIT);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now())
                    .as("%s within %s; output: %s", what, LIMIT, output())
                    .isBefore(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for: " + what, e);
            }
        }
    }
}
