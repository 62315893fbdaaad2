package io.stamp.tests.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.tests.ProgramRun;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user runs it, killed with SIGKILL in two stages, gives the results of one that was left alone. */
class DemoKillTest {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(180);
    private static final List<String> VARIANTS = List.of("full", "stamp");

    @TempDir
    private Path folder;

    private static List<String> demo(Path out) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-jar", ProgramRun.jar().toString(), "demo"));
        command.addAll(List.of("--reference", "embedded:reference?train=16&test=2"));
        command.addAll(List.of("--data", "embedded:target-a?train=16&test=8"));
        command.addAll(List.of("--variants", String.join(",", VARIANTS), "--width", "0.15", "--budget", "macs=0.4"));
        command.addAll(List.of("--pretrain-epochs", "4", "--episodes", "20", "--inner-steps", "1"));
        command.addAll(List.of("--search-steps", "1", "--train-epochs", "2", "--measure-seconds", "0.05"));
        command.addAll(
                List.of("--input", "16x16x3", "--backend", "vector", "--save-every", "0", "--out", out.toString()));
        return command;
    }

    @Test
    void aKilledDemoContinuesToTheSameResults() throws Exception {
        Path whole = folder.resolve("whole");
        Path killed = folder.resolve("killed");
        ProgramRun left = ProgramRun.of(demo(whole), Map.of());
        assertThat(left.exitCode()).as(left.err()).isZero();
        assertThat(left.out().strip()).endsWith(whole.resolve("report.json").toString());

        killOnceThereIs(killed.resolve("pretraining.resume"), demo(killed));
        assertThat(killed.resolve("backbone.safetensors")).doesNotExist();
        killOnceThereIs(killed.resolve("meta-training-stamp.resume"), demo(killed));
        assertThat(killed.resolve("generator.safetensors")).doesNotExist();
        ProgramRun continued = ProgramRun.of(demo(killed), Map.of());

        assertThat(continued.exitCode()).as(continued.err()).isZero();
        assertThat(continued.out()).contains("Continuing the unfinished run");
        JsonNode one = report(whole);
        JsonNode other = report(killed);
        for (String field : List.of("settings", "reference", "target", "held_out_classes")) {
            assertThat(other.get(field)).as(field).isEqualTo(one.get(field));
        }
        assertThat(other.get("generators").get("stamp").get("query_loss"))
                .isEqualTo(one.get("generators").get("stamp").get("query_loss"));
        for (String variant : VARIANTS) {
            JsonNode a = one.get("variants").get(variant);
            JsonNode b = other.get("variants").get(variant);
            for (String field : List.of("accuracy", "training_loss", "parameters", "macs", "pruning")) {
                assertThat(b.get(field)).as(variant + " " + field).isEqualTo(a.get(field));
            }
            assertSameTensors(whole.resolve(variant + ".safetensors"), killed.resolve(variant + ".safetensors"));
        }
    }

    private static JsonNode report(Path out) throws Exception {
        return new ObjectMapper().readTree(out.resolve("report.json").toFile());
    }

    private static void assertSameTensors(Path one, Path other) {
        Checkpoint a = Checkpoint.load(one);
        Checkpoint b = Checkpoint.load(other);
        assertThat(b.tensors().keySet()).isEqualTo(a.tensors().keySet());
        a.tensors()
                .forEach((name, array) ->
                        assertThat(b.tensors().get(name).values()).as(name).isEqualTo(array.values()));
    }

    private void killOnceThereIs(Path file, List<String> command) throws Exception {
        File log = folder.resolve("killed.log").toFile();
        Process process = ProgramRun.builder(command, Map.of())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            long start = System.nanoTime();
            while (!Files.exists(file) && process.isAlive() && System.nanoTime() - start < LIMIT_NANOS) {
                TimeUnit.MILLISECONDS.sleep(2);
            }
            assertThat(file).as(Files.readString(log.toPath())).exists();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
