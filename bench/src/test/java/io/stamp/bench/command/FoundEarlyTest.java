package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.CommandRun;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import io.stamp.train.Evaluator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be known at the start of long work is said there, in one sentence, and nothing is written. */
class FoundEarlyTest {
    private static final String ONE_IMAGE = "embedded:target-a?train=1&test=1";
    private static final String TWO_IMAGES = "embedded:target-a?train=2&test=1";

    @TempDir
    private Path folder;

    private void assertRefused(String sentence, String... line) throws Exception {
        List<String> words = new ArrayList<>(Arrays.asList(line));
        words.addAll(List.of("--out", folder.resolve("out").toString()));
        CommandRun run = CommandRun.of(words.toArray());
        assertThat(run.err()).contains(sentence).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(folder.resolve("out")).doesNotExist();
    }

    /** A network that has learnt nothing, with what a pretraining on {@code data} would write. */
    private String backbone(double width, String data, HoldOut holdOut) {
        DataSets kept = holdOut.kept(DataSource.open(data));
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(kept).toJson());
        details.set(ModelFile.HOLD_OUT, holdOut.toJson());
        Path file = folder.resolve("backbone.safetensors");
        try (Backend backend = Backends.open("vector", 1);
                Scope _ = Scope.open()) {
            Provenance provenance = Provenance.collect(
                    new Provenance.Run(1, 1, "vector", "here", Map.of(), List.of()), Map.of(), Map.of());
            Model model = Model.init(backend, Models.create("resnet20", kept.classes(), width), 1);
            ModelFile.save(file, model, Checkpoint.Kind.BACKBONE, provenance, details);
        }
        return file.toString();
    }

    @Test
    void aDemoOnTooFewImages() throws Exception {
        String reference = "embedded:reference?train=2&test=1";
        assertRefused(
                "has 40 images, too few for one batch of 64",
                "demo",
                "--reference",
                reference,
                "--data",
                "embedded:target-a?train=4&test=1");
        assertRefused(
                "has 40 images, too few for one batch of 41",
                "demo",
                "--reference",
                reference,
                "--data",
                "embedded:target-a?train=4&test=1",
                "--batch",
                "41");
        assertRefused(
                "Class 0 of reference train has 1 images",
                "demo",
                "--reference",
                "embedded:reference?train=1&test=1",
                "--data",
                TWO_IMAGES,
                "--batch",
                "20");
        assertRefused("--measure-seconds is 0", "demo", "--reference", reference, "--measure-seconds", "0");
    }

    @Test
    void tasksOfClassesWithOneImage() throws Exception {
        assertRefused(
                "Class 0 of target-a train has 1 images, but a task needs 2 of each class",
                "meta-train",
                "--backbone",
                backbone(0.15, ONE_IMAGE, HoldOut.NONE),
                "--data",
                ONE_IMAGE,
                "--task-classes",
                "5");
    }

    @Test
    void tasksOfMoreClassesThanThereAre() throws Exception {
        assertRefused(
                "Tasks of 11 classes cannot be drawn from the 10 classes",
                "meta-train",
                "--backbone",
                backbone(0.15, TWO_IMAGES, HoldOut.NONE),
                "--data",
                TWO_IMAGES,
                "--task-classes",
                "11");
    }

    @Test
    void judgingOnHeldOutClassesWithOneImage() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        // 3 classes of 2 images, then 4 of 1.
        writeRecords(data.resolve("train.bin"), 0, 0, 1, 1, 2, 2, 3, 4, 5, 6);
        writeRecords(data.resolve("test.bin"), 0, 1, 2, 3, 4, 5, 6);
        Files.writeString(data.resolve("class_names.txt"), "a\nb\nc\nd\ne\nf\ng\n");
        String source = "bin:" + data;
        HoldOut holdOut = new HoldOut(List.of(3, 4), List.of(5, 6));
        assertRefused(
                "has 1 images, but a task needs 2 of each class",
                "meta-train",
                "--backbone",
                backbone(0.15, source, holdOut),
                "--data",
                source,
                "--task-classes",
                "2",
                "--episodes",
                "1000000");
    }

    private static void writeRecords(Path file, int... labels) throws Exception {
        byte[] records = new byte[labels.length * 3073];
        for (int i = 0; i < labels.length; i++) {
            records[i * 3073] = (byte) labels[i];
            Arrays.fill(records, i * 3073 + 1, (i + 1) * 3073, (byte) (i * 20));
        }
        Files.write(file, records);
    }

    @Test
    void aBudgetForJudgingThatCannotBe() throws Exception {
        String backbone = backbone(0.25, TWO_IMAGES, new HoldOut(List.of(6, 7), List.of(8, 9)));
        assertRefused("not 7", "meta-train", "--backbone", backbone, "--data", TWO_IMAGES, "--validation-budget", "7");
    }

    @Test
    void aNetworkOfWhichNothingCanBePruned() throws Exception {
        assertRefused(
                "No channel of the resnet20 of width 0.001 can be pruned",
                "meta-train",
                "--backbone",
                backbone(0.001, TWO_IMAGES, HoldOut.NONE),
                "--data",
                TWO_IMAGES);
    }

    @Test
    void noImagesToTestOn() {
        DataSets data = DataSource.open(TWO_IMAGES);
        assertThatThrownBy(() -> Evaluator.requireImages(data.test().select(new int[0])))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("has no images");
        try (Backend backend = Backends.open("vector", 1);
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, Models.create("resnet20", 10, 0.15), 1);
            assertThatThrownBy(() ->
                            Evaluator.accuracy(backend, model, data.test().select(new int[0]), data.normalisation()))
                    .isInstanceOf(StampException.class);
        }
    }
}
