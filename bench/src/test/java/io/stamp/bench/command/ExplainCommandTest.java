package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What two networks of one backbone have in common. */
class ExplainCommandTest {
    @TempDir
    static Path folder;

    private static Path backbone;
    private static Path one;
    private static Path other;

    @BeforeAll
    static void prune() {
        backbone = PruningFixture.writeBackbone(folder, "backbone", 1);
        one = pruned("one", backbone, "l1", "inner+stage");
        other = pruned("other", backbone, "random", "inner");
    }

    private static Path pruned(String name, Path backbone, String method, String groups) {
        Path out = folder.resolve(name + ".safetensors");
        CommandRun run = CommandRun.of(
                "prune",
                "--method",
                method,
                "--backbone",
                backbone,
                "--data",
                PruningFixture.TARGET,
                "--budget",
                "macs=0.6",
                "--groups",
                groups,
                "--out",
                out,
                "--json",
                folder.resolve(name + ".json"),
                "--backend",
                "vector");
        assertThat(run.exitCode()).as(run.err()).isZero();
        return out;
    }

    private static Set<Integer> kept(JsonNode pruning, Map.Entry<String, JsonNode> group) {
        Set<Integer> kept = new HashSet<>();
        JsonNode list = pruning.get("kept").get(group.getKey());
        if (list == null) {
            for (int i = 0; i < group.getValue().at("/share/channels").asInt(); i++) {
                kept.add(i);
            }
        } else {
            list.forEach(channel -> kept.add(channel.asInt()));
        }
        return kept;
    }

    private static Set<Integer> only(Map.Entry<String, JsonNode> group, String field) {
        Set<Integer> channels = new HashSet<>();
        group.getValue().get(field).forEach(channel -> channels.add(channel.asInt()));
        return channels;
    }

    private static Set<Integer> without(Set<Integer> all, Set<Integer> some) {
        Set<Integer> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    @Test
    void channelsAreComparedGroupByGroup() throws Exception {
        Path json = folder.resolve("overlap.json");

        CommandRun run = CommandRun.of("explain", one, other, "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("pruned by l1", "pruned by random", "only A", "random masks of these widths");
        JsonNode overlap = CommandRun.json(json).get("overlap");
        JsonNode first = CommandRun.json(folder.resolve("one.json")).get("pruning");
        JsonNode second = CommandRun.json(folder.resolve("other.json")).get("pruning");
        assertThat(overlap.get("groups").size())
                .isEqualTo(first.get("kept").size())
                .isGreaterThan(second.get("kept").size());
        int all = 0;
        double random = 0;
        for (Map.Entry<String, JsonNode> group : overlap.get("groups").properties()) {
            Set<Integer> a = kept(first, group);
            Set<Integer> b = kept(second, group);
            JsonNode share = group.getValue().get("share");
            Set<Integer> both = new HashSet<>(a);
            both.retainAll(b);
            assertThat(share.get("shared").asInt()).isEqualTo(both.size());
            assertThat(only(group, "only_first")).isEqualTo(without(a, b));
            assertThat(only(group, "only_second")).isEqualTo(without(b, a));
            assertThat(share.get("jaccard").asDouble())
                    .isEqualTo((double) both.size() / (a.size() + b.size() - both.size()));
            assertThat(share.get("random_shared").asDouble())
                    .isCloseTo(
                            (double) a.size() * b.size() / share.get("channels").asInt(), within(1e-9));
            all += both.size();
            random += share.get("random_shared").asDouble();
        }
        assertThat(overlap.at("/total/shared").asInt()).isEqualTo(all);
        assertThat(overlap.at("/total/random_shared").asDouble()).isCloseTo(random, within(1e-9));
    }

    @Test
    void aNetworkSharesAllWithItself() throws Exception {
        Path json = folder.resolve("same.json");
        assertThat(CommandRun.of("explain", one, one, "--json", json).exitCode())
                .isZero();
        JsonNode total = CommandRun.json(json).at("/overlap/total");
        assertThat(total.get("jaccard").asDouble()).isEqualTo(1);
        assertThat(total.get("random_jaccard").asDouble()).isLessThan(1);
        assertThat(total.get("chance").asDouble()).isLessThan(0.01);
    }

    @Test
    void networksOfDifferentBackbonesAndOtherFilesAreRefused() {
        Path stranger = pruned("stranger", PruningFixture.writeBackbone(folder, "another", 2), "l1", "inner+stage");
        PruningFixture.assertRefused(
                CommandRun.of("explain", one, stranger), one.toString(), stranger.toString(), "different backbones");
        PruningFixture.assertRefused(CommandRun.of("explain", one, backbone), backbone.toString());
        PruningFixture.assertRefused(CommandRun.of("explain", one, folder.resolve("none")), "none");
    }
}
