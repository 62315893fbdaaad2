package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.method.Methods;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code prune --method} takes, needs and refuses. */
class PruneMethodsTest extends PruningFixture {
    private static CommandRun pruneBy(String method, Path out, Object... more) {
        return run(
                more,
                "prune",
                "--method",
                method,
                "--backbone",
                backbone,
                "--data",
                TARGET,
                "--out",
                out,
                "--backend",
                "vector");
    }

    @ParameterizedTest
    @CsvSource({"l1", "random", "taylor@global", "l1@best-of-random", "no-meta"})
    void methodsWithoutAGeneratorPruneWithoutOne(String method) throws Exception {
        Path out = folder.resolve(method + ".safetensors");
        Path json = folder.resolve(method + ".json");

        CommandRun run = pruneBy(method, out, "--budget", "macs=0.4", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains(method + " chose channels", "masked = compacted", "are removed for good");
        JsonNode report = CommandRun.json(json);
        assertThat(report.at("/pruning/method").textValue()).isEqualTo(method);
        assertThat(report.at("/pruning/budget_used").asDouble()).isBetween(0.95, 1.0);
        assertThat(report.at("/pruning/parity/reference").asDouble()).isLessThanOrEqualTo(1e-9);
        assertThat(report.at("/provenance/configuration/method").textValue()).isEqualTo(method);
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.COMPACT);
        assertThat(file.field("pruning").get("kept")).isEqualTo(report.at("/pruning/kept"));
        CommandRun test = CommandRun.of("eval", "--checkpoint", out, "--data", TARGET, "--backend", "vector");
        assertThat(test.exitCode()).as(test.err()).isZero();
    }

    @Test
    void theWidthsOfAnotherMethodLeaveAsManyParameters() throws Exception {
        Path usual = folder.resolve("usual.json");
        Path random = folder.resolve("random-at-stamp.json");
        Path out = folder.resolve("at-widths.safetensors");
        Object[] files = {"--backbone", backbone, "--generator", generator, "--budget", "macs=0.4"};

        assertThat(run(files, pruning("stamp", out, usual)).exitCode()).isZero();
        assertThat(run(files, pruning("random@stamp", out, random)).exitCode()).isZero();

        JsonNode stamp = CommandRun.json(usual).get("pruning");
        JsonNode other = CommandRun.json(random).get("pruning");
        assertThat(other.get("parameters")).isEqualTo(stamp.get("parameters"));
        assertThat(other.get("macs")).isEqualTo(stamp.get("macs"));
        assertThat(other.get("kept")).isNotEqualTo(stamp.get("kept"));
        assertThat(CommandRun.json(usual).at("/details/search_loss").asDouble()).isPositive();
        assertThat(CommandRun.json(usual)
                        .at("/provenance/configuration/settings/stamp.sets")
                        .asInt())
                .isEqualTo(2);
    }

    private static Object[] pruning(String method, Path out, Path json) {
        return new Object[] {
            "prune",
            "--method",
            method,
            "--data",
            TARGET,
            "--out",
            out,
            "--json",
            json,
            "--steps",
            "1",
            "--sets",
            "2",
            "--backend",
            "vector"
        };
    }

    @Test
    void aMethodGetsWhatItNeedsAndNothingElse() {
        Path out = folder.resolve("needs.safetensors");
        Object[] budget = {"--budget", "macs=0.4"};

        assertRefused(pruneBy("stamp", out, budget), "--method stamp needs a meta-trained generator", "--generator");
        assertRefused(
                pruneBy("l1", out, "--budget", "macs=0.4", "--generator", generator),
                "--method l1 uses no generator; omit --generator");
        assertRefused(
                pruneBy("no-set", out, "--budget", "macs=0.4", "--generator", generator),
                "with sets of images",
                "--pooling no_set");
        assertRefused(pruneBy("stamp@no-set", out, "--budget", "macs=0.4", "--generator", generator), "two generators");
        assertRefused(pruneBy("l1", out, "--budget", "macs=0.4", "--reference", REFERENCE), "omit --reference");
        assertRefused(pruneBy("l1", out, "--budget", "macs=0.4", "--steps", "3"), "omit them");
        assertRefused(pruneBy("full", out, budget), "removes nothing", "train");
        assertRefused(pruneBy("lottery", out, budget), "zeroes single weights", "compare");
        assertRefused(pruneBy("magic", out, budget), "There is no method 'magic'", "taylor");
        assertRefused(
                pruneBy("taylor", out, "--budget", "macs=0.4", "--set", "taylor.batches=0"),
                "taylor.batches",
                "at least 1");
        assertRefused(pruneBy("l1@global", out, "--threshold", "0.5"), "--threshold", "l1@global");
        assertThat(out).doesNotExist();
    }

    @Test
    void aThresholdBoundsAnyScores() throws Exception {
        Path json = folder.resolve("l1-threshold.json");

        CommandRun run = pruneBy("l1", folder.resolve("l1-threshold.safetensors"), "--threshold", "10", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(CommandRun.json(json).at("/pruning/threshold").asDouble()).isEqualTo(10);
        assertThat(CommandRun.json(json).at("/pruning/method").textValue()).isEqualTo("l1");
    }

    @Test
    void theHelpListsTheMethods() {
        assertThat(CommandRun.of("help", "prune").out().replaceAll("\\s+", " "))
                .contains(String.join(", ", Methods.onClassPath().names()), "random@stamp");
    }
}
