package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.checkpoint.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a backbone and a generator to a small network, and what train and eval make of it. */
class PruneCommandTest extends PruningFixture {
    @ParameterizedTest
    @CsvSource({"macs=0.4, macs", "params=0.3, params"})
    void aPrunedNetworkFitsItsBudgetAndCanBeTrainedAndTested(String budget, String cost) throws Exception {
        Path out = folder.resolve(cost + ".safetensors");
        Path json = folder.resolve(cost + ".json");
        Path own = folder.resolve("generator-" + cost + ".safetensors");
        CommandRun metaTraining = metaTrain(backbone, own, "--budget-kind", cost);
        assertThat(metaTraining.exitCode()).as(metaTraining.err()).isZero();

        CommandRun run =
                prune(out, "--backbone", backbone, "--generator", own, "--budget", budget, "--explain", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("removing channel k removes", "MACs after", "masked = compacted", "are removed for good")
                .contains("prunable at", "Channels kept: ");
        assertThat(CommandRun.json(json).at("/pruning/stages"))
                .extracting(stage -> stage.get("resolution").textValue())
                .containsExactly("32x32", "16x16", "8x8");
        JsonNode pruning = CommandRun.json(json).get("pruning");
        assertThat(pruning.get("cost").asText()).isEqualTo(cost);
        assertThat(pruning.get("budget_used").asDouble()).isBetween(0.95, 1.0);
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.COMPACT);
        assertThat(file.field("pruning").get("kept")).isEqualTo(pruning.get("kept"));
        assertThat(file.field("pruning").get("achieved")).isEqualTo(pruning.get("achieved"));

        Path trained = folder.resolve(cost + "-trained.safetensors");
        CommandRun training = CommandRun.of(
                "train",
                "--checkpoint",
                out,
                "--data",
                TARGET,
                "--epochs",
                "1",
                "--batch",
                "32",
                "--backend",
                "vector",
                "--out",
                trained);
        assertThat(training.exitCode()).as(training.err()).isZero();
        assertThat(Checkpoint.load(trained).field("pruning").get("kept")).isEqualTo(pruning.get("kept"));
        CommandRun test = CommandRun.of("eval", "--checkpoint", trained, "--data", TARGET, "--backend", "vector");
        assertThat(test.exitCode()).as(test.err()).isZero();
        assertThat(test.out()).contains("test accuracy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "macs=0    | (0, 1]",
                "macs=2    | (0, 1]",
                "macs=0.01 | cannot be reached",
                "macs=1    | removes nothing",
                "time=0.3  | is not understood"
            })
    void anImpossibleBudgetIsRefusedAtOnce(String budget, String problem) {
        Path out = folder.resolve("impossible.safetensors");

        CommandRun run = prune(out, "--backbone", backbone, "--generator", generator, "--budget", budget);

        assertRefused(run, problem);
        assertThat(run.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    @Test
    void aBudgetOfAnotherKindThanTheGeneratorsIsRefused() {
        Path out = folder.resolve("kind-of-budget.safetensors");

        CommandRun run = prune(out, "--backbone", backbone, "--generator", generator, "--budget", "params=0.3");

        assertRefused(run, "budgets of macs", "params=0.3", "--budget-kind params");
        assertThat(run.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    /** The gates of this generator are far from 1, so that only the minimum of channels passes. */
    @Test
    void aThresholdDecidesInsteadOfABudget() throws Exception {
        Path out = folder.resolve("threshold.safetensors");
        Path json = folder.resolve("threshold.json");

        CommandRun run =
                prune(out, "--backbone", backbone, "--generator", generator, "--threshold", "0.99", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("scores of 0.99 and above", "are removed for good")
                .doesNotContain("requested");
        JsonNode pruning = CommandRun.json(json).get("pruning");
        assertThat(pruning.get("threshold").doubleValue()).isEqualTo(0.99);
        assertThat(pruning.get("requested").isNull()).isTrue();
        assertThat(pruning.get("budget_used").isNull()).isTrue();
        assertThat(pruning.get("achieved").doubleValue())
                .isEqualTo(pruning.get("macs").doubleValue()
                        / pruning.get("full_macs").doubleValue());
        assertThat(pruning.at("/kept/stage1.block0.conv1")).hasSize(2);
        assertThat(CommandRun.json(json)
                        .at("/provenance/configuration/threshold")
                        .doubleValue())
                .isEqualTo(0.99);
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.COMPACT);
        assertThat(file.field("pruning").get("kept")).isEqualTo(pruning.get("kept"));
    }

    @Test
    void aThresholdOutOfRangeOrWithoutEffectIsRefused() {
        Path out = folder.resolve("no-threshold.safetensors");
        Object[] files = {"--backbone", backbone, "--generator", generator};

        assertRefused(run(files, "prune", "--data", TARGET, "--out", out, "--threshold", "1.5"), "--threshold is 1.5");
        assertRefused(
                run(files, "prune", "--data", TARGET, "--out", out, "--steps", "0", "--threshold", "0.0001"),
                "removes nothing",
                "higher threshold");
        assertThat(out).doesNotExist();
    }

    @Test
    void eitherABudgetOrAThreshold() {
        Path out = folder.resolve("neither.safetensors");

        CommandRun neither = prune(out, "--backbone", backbone, "--generator", generator);
        CommandRun both = prune(
                out, "--backbone", backbone, "--generator", generator, "--budget", "macs=0.3", "--threshold", "0.5");

        for (CommandRun run : List.of(neither, both)) {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("--budget", "--threshold", "prune --help");
        }
        assertThat(out).doesNotExist();
    }

    @Test
    void filesOfAnotherKindAreRefused() {
        Path out = folder.resolve("kind.safetensors");

        assertRefused(
                prune(out, "--backbone", generator, "--generator", generator, "--budget", "macs=0.4"),
                generator.toString(),
                "a backbone checkpoint is needed");
        assertRefused(
                prune(out, "--backbone", backbone, "--generator", backbone, "--budget", "macs=0.4"),
                backbone.toString(),
                "a generator checkpoint is needed");
        assertThat(out).doesNotExist();
    }

    @Test
    void whatIsReadIsNotReplaced() throws Exception {
        byte[] before = Files.readAllBytes(backbone);
        assertRefused(
                prune(backbone, "--backbone", backbone, "--generator", generator, "--budget", "macs=0.4"),
                "this command reads that file");
        assertRefused(metaTrain(backbone, backbone), "this command reads that file");
        assertThat(Files.readAllBytes(backbone)).isEqualTo(before);
    }

    @Test
    void aGeneratorPrunesNoOtherBackboneAndNoOtherGroups() {
        Path out = folder.resolve("foreign.safetensors");
        Path other = writeBackbone(folder, "other-backbone", 2);

        assertRefused(
                prune(out, "--backbone", other, "--generator", generator, "--budget", "macs=0.4"),
                "another backbone",
                other.toString());
        assertRefused(
                prune(
                        out,
                        "--backbone",
                        backbone,
                        "--generator",
                        generator,
                        "--budget",
                        "macs=0.4",
                        "--groups",
                        "inner"),
                "--groups inner",
                "inner+stage");
        assertThat(out).doesNotExist();
    }
}
