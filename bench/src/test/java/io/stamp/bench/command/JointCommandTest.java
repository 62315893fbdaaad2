package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.checkpoint.Checkpoint;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A backbone that stays good without channels takes the place of the one that it was made of. */
class JointCommandTest extends PruningFixture {
    private static CommandRun joint(Path out, Object... more) {
        return run(
                more,
                "joint",
                "--backbone",
                backbone,
                "--data",
                REFERENCE,
                "--out",
                out,
                "--epochs",
                "1",
                "--batch",
                "16",
                "--backend",
                "vector");
    }

    @Test
    void whatItWritesIsABackboneOfTheSameDataAndHeldOutClasses() throws Exception {
        Path out = folder.resolve("joint.safetensors");
        Path json = folder.resolve("joint.json");

        CommandRun run = joint(out, "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("test accuracy on the reference went from", out.toString());
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.BACKBONE);
        Checkpoint before = Checkpoint.load(backbone);
        assertThat(file.field("holdOut")).isEqualTo(before.field("holdOut"));
        assertThat(file.field("data")).isEqualTo(before.field("data"));
        assertThat(file.tensors().keySet()).isEqualTo(before.tensors().keySet());
        assertThat(file.tensors().get("params/head.weight").values())
                .isNotEqualTo(before.tensors().get("params/head.weight").values());
        JsonNode report = CommandRun.json(json);
        assertThat(report.get("accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(report.at("/provenance/configuration/epochs").intValue()).isEqualTo(1);

        CommandRun pruning = run(
                new Object[0],
                "prune",
                "--method",
                "l1",
                "--backbone",
                out,
                "--data",
                TARGET,
                "--budget",
                "macs=0.4",
                "--out",
                folder.resolve("small.safetensors"),
                "--backend",
                "vector");
        assertThat(pruning.exitCode()).as(pruning.err()).isZero();
        assertRefused(
                prune(
                        folder.resolve("x.safetensors"),
                        "--backbone",
                        out,
                        "--generator",
                        generator,
                        "--budget",
                        "macs=0.4"),
                "was meta-trained for another backbone");
    }

    @Test
    void otherDataThanTheBackbonesAreRefused() {
        assertRefused(
                run(
                        new Object[0],
                        "joint",
                        "--backbone",
                        backbone,
                        "--data",
                        TARGET,
                        "--out",
                        folder.resolve("other.safetensors"),
                        "--backend",
                        "vector"),
                "was not pretrained on the classes of");
    }
}
