package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.CommandRun;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The files and commands that tests of meta-training and pruning share: one backbone, and one generator for it. */
abstract class PruningFixture {
    static final String REFERENCE = "embedded:target-a?train=16&test=4";
    static final String TARGET = "embedded:target-b?train=12&test=4";

    /** Shared by all tests of a class, as are the files in it. */
    @TempDir
    static Path folder;

    static Path backbone;
    static Path generator;
    static CommandRun metaTraining;

    @BeforeAll
    static void makeBackboneAndGenerator() {
        backbone = writeBackbone(folder, "backbone", 1);
        generator = folder.resolve("generator.safetensors");
        metaTraining = metaTrain(backbone, generator, "--json", folder.resolve("meta.json"));
        assertThat(metaTraining.exitCode()).as(metaTraining.err()).isZero();
    }

    /** Untrained: these tests are about files and words. */
    static Path writeBackbone(Path folder, String name, long seed) {
        Path file = folder.resolve(name + ".safetensors");
        HoldOut holdOut = new HoldOut(List.of(4, 5, 6), List.of(7, 8, 9));
        DataSets kept = holdOut.kept(DataSource.open(REFERENCE));
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(kept).toJson());
        details.set(ModelFile.HOLD_OUT, holdOut.toJson());
        Provenance provenance = Provenance.collect(
                new Provenance.Run(seed, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, Models.create("resnet20", 4, 0.2), seed);
            ModelFile.save(file, model, Checkpoint.Kind.BACKBONE, provenance, details);
        }
        return file;
    }

    static CommandRun metaTrain(Path backbone, Path out, Object... more) {
        return run(
                more,
                "meta-train",
                "--backbone",
                backbone,
                "--data",
                REFERENCE,
                "--out",
                out,
                "--episodes",
                "2",
                "--inner-steps",
                "1",
                "--task-classes",
                "4",
                "--validation-tasks",
                "2",
                "--validation-budget",
                "0.4",
                "--validation-baseline",
                "random",
                "--backend",
                "vector");
    }

    static CommandRun prune(Path out, Object... more) {
        return run(more, "prune", "--data", TARGET, "--out", out, "--steps", "1", "--sets", "2", "--backend", "vector");
    }

    static CommandRun run(Object[] more, Object... args) {
        return CommandRun.of(
                Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray());
    }

    static void assertRefused(CommandRun run, String... parts) {
        assertThat(run.err()).contains(parts).doesNotContain("\tat ");
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
