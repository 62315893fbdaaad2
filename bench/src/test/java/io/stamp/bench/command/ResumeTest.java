package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.CommandRun;
import io.stamp.bench.Main;
import io.stamp.engine.checkpoint.Checkpoint;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is killed and started again ends with the bits of one that was not. */
class ResumeTest {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(180);

    @TempDir
    private Path folder;

    private static Object[] pretrain(Path out, String rate) {
        return new Object[] {
            "pretrain",
            "--data",
            "embedded:target-a?train=8&test=4",
            "--model",
            "resnet20",
            "--width",
            "0.1",
            "--epochs",
            "8",
            "--batch",
            "16",
            "--rate",
            rate,
            "--backend",
            "vector",
            "--save-every",
            "0",
            "--out",
            out
        };
    }

    @Test
    void aKilledTrainingContinuesToTheSameBits() throws Exception {
        Path whole = folder.resolve("whole.safetensors");
        Path interrupted = folder.resolve("interrupted.safetensors");
        Path resume = folder.resolve("interrupted.safetensors.resume");
        assertThat(CommandRun.of(pretrain(whole, "0.1")).exitCode()).isZero();

        killAfterFirstSave(pretrain(interrupted, "0.1"), resume);
        assertThat(interrupted).doesNotExist();
        assertThat(Checkpoint.load(resume).field("step").asLong()).isBetween(1L, 39L);

        CommandRun otherSettings = CommandRun.of(pretrain(interrupted, "0.2"));
        assertThat(otherSettings.exitCode()).isEqualTo(2);
        assertThat(otherSettings.err()).contains(resume.toString()).contains("other settings");

        CommandRun continued = CommandRun.of(pretrain(interrupted, "0.1"));
        assertThat(continued.exitCode()).as(continued.err()).isZero();
        assertThat(resume).doesNotExist();
        assertSameBits(Checkpoint.load(interrupted), Checkpoint.load(whole));
    }

    private static void assertSameBits(Checkpoint one, Checkpoint other) {
        assertThat(one.tensors().keySet()).isEqualTo(other.tensors().keySet());
        one.tensors().forEach((name, array) -> assertThat(array.values())
                .as(name)
                .isEqualTo(other.tensors().get(name).values()));
        assertThat(one.field("testAccuracy")).isEqualTo(other.field("testAccuracy"));
    }

    private void killAfterFirstSave(Object[] args, Path resume) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", classPath(), Main.class.getName()));
        Stream.of(args).map(Object::toString).forEach(command::add);
        File log = folder.resolve("killed.log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            long start = System.nanoTime();
            while (!Files.exists(resume) && process.isAlive() && System.nanoTime() - start < LIMIT_NANOS) {
                TimeUnit.MILLISECONDS.sleep(2);
            }
            assertThat(resume).as(Files.readString(log.toPath())).exists();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Of the tests; their runner hides it behind a jar of its own. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
