package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.meta.MetaConfig;
import io.stamp.model.ModelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What meta-training judges, stores and refuses. */
class MetaTrainCommandTest extends PruningFixture {
    @Test
    void metaTrainingJudgesItsMasksOnClassesNobodyHasSeen() throws Exception {
        assertThat(metaTraining.out())
                .contains("Block A", "Block B", "2 tasks of 2 of 3 classes", "to 'random' on the same tasks")
                .contains("3 classes are too few", "those of meta-training 4")
                .contains("generated", "no-set", "untrained", "random", "std. error", "95 % interval");
        assertThat(metaTraining.out().strip()).endsWith(generator.toString());
        JsonNode report = CommandRun.json(folder.resolve("meta.json"));
        for (String block : List.of("validation", "judgement")) {
            JsonNode result = report.get(block);
            assertThat(result.get("baseline").asText()).isEqualTo("RANDOM");
            for (String source : List.of("GENERATED", "NO_SET", "UNTRAINED", "RANDOM")) {
                JsonNode score = result.get("scores").get(source);
                assertThat(score.at("/loss/mean").asDouble()).isPositive();
                assertThat(score.at("/accuracy/values")).hasSize(2);
                assertThat(score.get("macs").asDouble()).isBetween(0.95 * 0.4, 0.4);
                assertThat(score.get("parameters").asDouble()).isBetween(0.0, 1.0);
                JsonNode difference = score.get("loss_difference");
                if (source.equals("RANDOM")) {
                    assertThat(difference.isNull()).isTrue();
                } else {
                    assertThat(difference.get("standard_error").asDouble()).isPositive();
                    assertThat(difference.get("low").asDouble())
                            .isLessThan(difference.get("high").asDouble());
                }
            }
        }
        assertThat(report.at("/judgement/scores/RANDOM"))
                .as("other images")
                .isNotEqualTo(report.at("/validation/scores/RANDOM"));
        Checkpoint file = Checkpoint.load(generator).require(Checkpoint.Kind.GENERATOR);
        assertThat(file.field("holdOut").get("blockA").toString()).isEqualTo("[4,5,6]");
        assertThat(file.field("provenance").get("configuration").get("episodes").intValue())
                .isEqualTo(2);
    }

    /** What is said to be the default has to be that of the library; the sizes are those that this test chose itself. */
    @Test
    void withoutOptionsTheScheduleIsTheLibrarys() {
        JsonNode stored = Checkpoint.load(generator).field("metaConfig");
        MetaConfig.Outer usual = MetaConfig.DEFAULT.outer();

        assertThat(stored.at("/outer/warmupShare").doubleValue()).isEqualTo(usual.warmupShare());
        assertThat(stored.at("/outer/warmupRate").doubleValue()).isEqualTo(usual.warmupRate());
        assertThat(stored.at("/outer/rate").doubleValue()).isEqualTo(usual.rate());
        assertThat(stored.at("/outer/order").textValue())
                .isEqualTo(usual.order().name());
        assertThat(stored.at("/tasks/budgetKind").textValue())
                .isEqualTo(MetaConfig.DEFAULT.tasks().budgetKind().name());
        assertThat(stored.at("/masks").textValue())
                .isEqualTo(MetaConfig.DEFAULT.masks().name());
    }

    @Test
    void theScheduleIsASetting() {
        Path out = folder.resolve("schedule.safetensors");

        CommandRun run = metaTrain(
                backbone,
                out,
                "--warmup-share",
                "0.5",
                "--warmup-rate",
                "0.002",
                "--outer-rate",
                "0.003",
                "--masks",
                "relaxed");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Checkpoint.load(out).field("metaConfig").get("masks").textValue())
                .isEqualTo("RELAXED");
        assertThat(Checkpoint.load(out).field("metaConfig").get("outer").toString())
                .isEqualTo(
                        "{\"episodes\":2,\"order\":\"FOMAML\",\"rate\":0.003,\"warmupRate\":0.002,\"warmupShare\":0.5}");
        assertRefused(
                metaTrain(backbone, folder.resolve("x.safetensors"), "--warmup-share", "1.5"),
                "share in [0, 1]",
                "1.5");
        assertRefused(metaTrain(backbone, folder.resolve("x.safetensors"), "--outer-rate", "0"), "rates", "0.0");
    }

    @Test
    void anotherHoldOutIsRefusedAndTheSameIsNot() {
        Path out = folder.resolve("other.safetensors");

        assertRefused(metaTrain(backbone, out, "--holdout-classes", "2"), "--holdout-classes 2", backbone.toString());
        assertThat(out).doesNotExist();
        CommandRun same = metaTrain(backbone, out, "--holdout-classes", "4,5,6/7,8,9");
        assertThat(same.exitCode()).as(same.err()).isZero();
        assertThat(Checkpoint.load(out).tensors().keySet())
                .isEqualTo(Checkpoint.load(generator).tensors().keySet());
    }

    @Test
    void aGeneratorWithoutASetIsNotComparedWithItself() throws Exception {
        Path json = folder.resolve("blind.json");

        CommandRun run =
                metaTrain(backbone, folder.resolve("blind.safetensors"), "--pooling", "no_set", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode judgement = CommandRun.json(json).get("judgement").get("scores");
        assertThat(judgement.has("GENERATED")).isTrue();
        assertThat(judgement.has("NO_SET")).isFalse();
    }

    @Test
    void metaTrainingNeedsTheDataOfTheBackbone() {
        CommandRun run = CommandRun.of(
                "meta-train", "--backbone", backbone, "--data", TARGET, "--out", folder.resolve("x.safetensors"));

        assertRefused(run, "was not pretrained on the classes of " + TARGET);
    }

    @Test
    void metaTrainingNeedsEnoughClasses() {
        CommandRun usualTasks = CommandRun.of(
                "meta-train", "--backbone", backbone, "--data", REFERENCE, "--out", folder.resolve("x.safetensors"));

        assertRefused(usualTasks, "Tasks of 10 classes", "4 classes");
    }

    @Test
    void aMetaTrainingOfOtherSettingsIsNotContinued() throws Exception {
        Path out = folder.resolve("half.safetensors");
        Path resume = folder.resolve("half.safetensors.resume");
        ObjectNode metadata = ModelFile.noDetails();
        metadata.put("identity", "something else");
        Checkpoint.of(Checkpoint.Kind.TRAINING, metadata, List.of()).save(resume);

        assertRefused(metaTrain(backbone, out), resume.toString(), "other settings");
        Files.delete(resume);
    }

    @Test
    void withoutGatesTheyAreBetaBernoulli() {
        assertThat(gatesOf(generator)).isEqualTo("beta-bernoulli");
    }

    private static String gatesOf(Path generator) {
        return Checkpoint.load(generator).field("gateDistribution").get("name").textValue();
    }

    @ParameterizedTest
    @CsvSource({"concrete, bernoulli-concrete", "gaussian, gaussian"})
    void aGeneratorRemembersItsGates(String gates, String stored) {
        Path file = folder.resolve(gates + ".safetensors");
        Path small = folder.resolve(gates + "-small.safetensors");

        CommandRun training = metaTrain(backbone, file, "--gates", gates);
        CommandRun pruning = prune(small, "--backbone", backbone, "--generator", file, "--budget", "macs=0.4");

        assertThat(training.exitCode()).as(training.err()).isZero();
        assertThat(gatesOf(file)).isEqualTo(stored);
        assertThat(Checkpoint.load(file)
                        .field("provenance")
                        .at("/configuration/gates")
                        .textValue())
                .isEqualTo(gates);
        assertThat(pruning.exitCode()).as(pruning.err()).isZero();
        Checkpoint.load(small).require(Checkpoint.Kind.COMPACT);
    }
}
