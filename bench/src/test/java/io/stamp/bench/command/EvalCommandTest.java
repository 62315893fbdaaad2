package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.CommandRun;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSource;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose classes a network is tested on. */
class EvalCommandTest {
    private static final String OWN = "embedded:target-a?train=4&test=2";

    @TempDir
    private Path folder;

    /** Untrained: these tests are about words. */
    private Path network(ObjectNode details) {
        Path file = folder.resolve("network.safetensors");
        Provenance provenance = Provenance.collect(
                new Provenance.Run(1, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, Models.create("resnet20", 10, 0.1), 1);
            ModelFile.save(file, model, Checkpoint.Kind.BACKBONE, provenance, details);
        }
        return file;
    }

    private Path networkFor(String data) {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(DataSource.open(data)).toJson());
        return network(details);
    }

    private CommandRun eval(Path network, String data) {
        CommandRun run = CommandRun.of(
                "eval",
                "--checkpoint",
                network,
                "--data",
                data,
                "--backend",
                "vector",
                "--json",
                folder.resolve("eval.json"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("test accuracy");
        return run;
    }

    @Test
    void otherDataWithAsManyClassesIsSaid() throws Exception {
        Path network = networkFor(OWN);

        CommandRun run = eval(network, "embedded:target-b?train=4&test=2");

        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err())
                .startsWith("Warning: " + network + " was trained on embedded:target-a")
                .contains("class 0 is 'dotted gear'", "this is embedded:target-b", "class 0 is 'plain fish'")
                .contains("mean something else");
        JsonNode report = CommandRun.json(folder.resolve("eval.json"));
        assertThat(report.get("same_classes").booleanValue()).isFalse();
        assertThat(report.get("trained_on").textValue()).startsWith("embedded:target-a");
        assertThat(report.get("data").textValue()).startsWith("embedded:target-b");
    }

    @Test
    void anotherNumberOfImagesOfTheSameDataIsFine() throws Exception {
        CommandRun run = eval(networkFor(OWN), "embedded:target-a?train=3&test=1&seed=5");

        assertThat(run.err()).isEmpty();
        assertThat(CommandRun.json(folder.resolve("eval.json"))
                        .get("same_classes")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void aNetworkThatDoesNotTellItsDataIsNotJudged() throws Exception {
        CommandRun run = eval(network(ModelFile.noDetails()), OWN);

        assertThat(run.err()).isEmpty();
        JsonNode report = CommandRun.json(folder.resolve("eval.json"));
        assertThat(report.get("same_classes").isNull()).isTrue();
        assertThat(report.get("trained_on").isNull()).isTrue();
    }
}
