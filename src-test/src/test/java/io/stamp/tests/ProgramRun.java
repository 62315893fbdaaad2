package io.stamp.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that ran to its end, as a user would have run it from a shell. */
public record ProgramRun(int exitCode, String out, String err) {
    private static final int LIMIT_SECONDS = 180;

    /** The executable jar of module bench; an error where the build has not made it. */
    public static Path jar() {
        Path jar = projectFolder().resolve("bench/target/stamp-bench.jar");
        assertThat(jar)
                .as("the jar that these tests run; scripts/test (mvn verify) builds it before them")
                .isRegularFile();
        return jar;
    }

    /** The top folder of the project. */
    public static Path projectFolder() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("scripts"))) {
            folder = folder.getParent();
            assertThat(folder).as("a folder above the tests with scripts in it").isNotNull();
        }
        return folder;
    }

    /** Starts {@code command} without the Java options and installations that the tests themselves were given. */
    public static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeAll(List.of("JAVA_HOME", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        return builder;
    }

    /** Runs {@code command} to its end, which must come within three minutes. */
    public static ProgramRun of(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        return of(command, environment, LIMIT_SECONDS);
    }

    /** Runs {@code command} to its end, which must come within so many seconds. */
    public static ProgramRun of(List<String> command, Map<String, String> environment, int limitSeconds)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("stamp-test", ".out");
        Path err = Files.createTempFile("stamp-test", ".err");
        try {
            Process process = builder(command, environment)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended).as("%s ends within %d s", command, limitSeconds).isTrue();
            return new ProgramRun(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
