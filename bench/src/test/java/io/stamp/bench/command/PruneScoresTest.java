package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.bench.CommandRun;
import io.stamp.bench.cli.FileHash;
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.PlanSearch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@code prune --scores} makes of a file. */
class PruneScoresTest extends PruningFixture {
    private static final ChannelGroups GROUPS = ChannelGroups.of(Models.create("resnet20", 10, 0.2));

    private static CommandRun pruneBy(Path scores, Path out, Object... more) {
        return run(
                more,
                "prune",
                "--scores",
                scores,
                "--backbone",
                backbone,
                "--data",
                TARGET,
                "--out",
                out,
                "--backend",
                "vector");
    }

    private static Path write(String name, Map<String, double[]> scores) throws Exception {
        return Files.writeString(folder.resolve(name), new ObjectMapper().writeValueAsString(scores));
    }

    private static Map<String, double[]> random() {
        return new TreeMap<>(PlanSearch.randomScores(GROUPS, 5));
    }

    @Test
    void theFileDecidesAndIsRecorded() throws Exception {
        Map<String, double[]> random = random();
        Path scores = write("scores.json", random);
        Path json = folder.resolve("scored.json");

        CommandRun run = pruneBy(scores, folder.resolve("scored.safetensors"), "--budget", "macs=0.4", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("stored-scores chose channels", "highest scores in " + scores);
        JsonNode report = CommandRun.json(json);
        assertThat(report.at("/pruning/method").textValue()).isEqualTo("stored-scores");
        JsonNode configuration = report.at("/provenance/configuration");
        assertThat(configuration.get("scores").textValue()).isEqualTo(scores.toString());
        assertThat(configuration.get("scoresSha256").textValue()).isEqualTo(FileHash.sha256(scores));
        var expected = new PlanSearch(GROUPS).byScores(random, io.stamp.prune.Budget.macs(0.4));
        expected.kept()
                .forEach((group, kept) -> assertThat(report.at("/pruning/kept").get(group))
                        .extracting(JsonNode::intValue)
                        .as(group)
                        .containsExactlyElementsOf(kept));
    }

    /** Differences and logarithms are scores, too. */
    @Test
    void aThresholdMayBeNegative() throws Exception {
        Map<String, double[]> below = new TreeMap<>();
        random().forEach((group, own) -> below.put(
                group,
                IntStream.range(0, own.length).mapToDouble(k -> own[k] - 2).toArray()));
        Path json = folder.resolve("negative.json");

        CommandRun run = pruneBy(
                write("negative-scores.json", below),
                folder.resolve("negative.safetensors"),
                "--threshold",
                "-1.5",
                "--json",
                json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode kept = CommandRun.json(json).at("/pruning/kept");
        double[] last = below.get("stage3.block2.conv1");
        for (int k = 0; k < last.length; k++) {
            boolean stays = false;
            for (JsonNode channel : kept.get("stage3.block2.conv1")) {
                stays |= channel.intValue() == k;
            }
            assertThat(stays).isEqualTo(last[k] >= -1.5);
        }
    }

    @Test
    void aWrongFileIsRefusedInOneSentenceBeforeAnyWork() throws Exception {
        Path out = folder.resolve("refused.safetensors");
        Map<String, double[]> incomplete = random();
        incomplete.remove("stage1.block0.conv1");
        Map<String, double[]> longer = random();
        longer.put("stage1.block0.conv1", new double[50]);
        Path nan = Files.writeString(folder.resolve("nan.json"), "{\"stage1.block0.conv1\": [NaN]}");
        Object[] budget = {"--budget", "macs=0.4"};

        assertRefused(
                pruneBy(write("incomplete.json", incomplete), out, budget),
                "incomplete.json has no scores for the group 'stage1.block0.conv1'");
        assertRefused(pruneBy(write("longer.json", longer), out, budget), "has 50 scores", "'stage1.block0.conv1'");
        assertRefused(pruneBy(nan, out, budget), "is NaN, which is no number");
        assertRefused(pruneBy(folder.resolve("missing.json"), out, budget), "There is no file");
        Path good = write("good.json", random());
        assertRefused(
                pruneBy(good, out, "--budget", "macs=0.4", "--method", "l1"),
                "--scores " + good + " takes the place of --method l1; omit one of them.");
        assertRefused(pruneBy(good, good, budget), "this command reads that file (--scores)");
        assertThat(out).doesNotExist();
    }
}
