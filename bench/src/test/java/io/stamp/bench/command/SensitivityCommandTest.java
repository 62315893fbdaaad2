package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.bench.sensitivity.Sensitivity;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Settings;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import io.stamp.train.ProgressListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups made smaller one at a time. */
class SensitivityCommandTest {
    @TempDir
    static Path folder;

    private static Path backbone;

    @BeforeAll
    static void writeBackbone() {
        backbone = PruningFixture.writeBackbone(folder, "backbone", 1);
    }

    private static CommandRun run(Object... more) {
        return PruningFixture.run(more, "sensitivity", "--backbone", backbone, "--backend", "vector");
    }

    @Test
    void everyGroupGetsSmallerByItself() throws Exception {
        Path json = folder.resolve("sensitivity.json");
        Path chart = folder.resolve("sensitivity.svg");

        CommandRun run = run("--data", PruningFixture.REFERENCE, "--json", json, "--chart", chart);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode report = CommandRun.json(json);
        assertThat(report.get("own_head").asBoolean()).isTrue();
        JsonNode groups = report.at("/sensitivity/groups");
        assertThat(groups).hasSizeGreaterThan(9);
        for (JsonNode group : groups) {
            JsonNode points = group.get("points");
            assertThat(points.get(0).get("kept")).isEqualTo(group.get("channels"));
            assertThat(points.get(0).get("accuracy")).isEqualTo(report.at("/sensitivity/whole/accuracy"));
            for (int i = 1; i < points.size(); i++) {
                assertThat(points.get(i).get("kept").asInt())
                        .isGreaterThanOrEqualTo(2)
                        .isLessThan(points.get(i - 1).get("kept").asInt());
                assertThat(points.get(i).get("macs").asDouble())
                        .isLessThan(points.get(i - 1).get("macs").asDouble());
                assertThat(points.get(i).get("loss").asDouble()).isPositive();
            }
            assertThat(run.out()).contains(group.get("name").asText());
        }
        assertThat(Files.readString(chart).split("<polyline", -1)).hasSize(1 + groups.size());

        Path again = folder.resolve("again.json");
        assertThat(run("--data", PruningFixture.REFERENCE, "--json", again, "--threads", "1")
                        .exitCode())
                .isZero();
        assertThat(CommandRun.json(again).get("sensitivity")).isEqualTo(report.get("sensitivity"));
    }

    @Test
    void otherClassesGetAHeadOfTheirOwn() throws Exception {
        Path json = folder.resolve("other.json");
        CommandRun run =
                run("--data", PruningFixture.TARGET, "--method", "random", "--groups", "inner", "--json", json);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(CommandRun.json(json).get("own_head").asBoolean()).isFalse();
        assertThat(CommandRun.json(json).get("method").asText()).isEqualTo("random");
    }

    @Test
    void onlyMethodsThatScoreChannelsRank() {
        for (String method : List.of("full", "magic", "l1@global")) {
            PruningFixture.assertRefused(
                    run("--data", PruningFixture.REFERENCE, "--method", method),
                    "--method " + method,
                    "scores no channels");
        }
        PruningFixture.assertRefused(
                run("--data", PruningFixture.REFERENCE, "--method", "stamp"),
                "stamp",
                "needs a meta-trained generator");
    }

    /** Scores that keep exactly the channels with weights: a network whose other channels are zero loses nothing. */
    @Test
    void theHighestScoresStayAndChannelsWithoutWeightCostNothing() {
        DataSets data = DataSource.open(PruningFixture.TARGET);
        try (Backend backend = Backends.open("vector", 1);
                Scope _ = Scope.open()) {
            Model fresh = Model.init(backend, Models.create("resnet20", data.classes(), 0.25), 1);
            ChannelGroups groups = ChannelGroups.of(fresh.network());
            ChannelGroup group = groups.prunable().stream()
                    .filter(each -> each.producers().size() == 1)
                    .findFirst()
                    .orElseThrow();
            String weight = group.producers().getFirst().layer() + ".weight";
            int half = group.size() / 2;
            Model model = fresh.withParameters(fresh.parameters().mapNamed((name, tensor) -> {
                if (!name.equals(weight)) {
                    return tensor;
                }
                float[] values = tensor.floats();
                Arrays.fill(values, 0, values.length / group.size() * half, 0);
                return Tensor.of(backend, tensor.shape(), values);
            }));
            Importance last = new Importance() {
                @Override
                public String name() {
                    return "last";
                }

                @Override
                public String explanation() {
                    return "the last channels";
                }

                @Override
                public Scores scores(PruningTask task) {
                    Map<String, double[]> scores = new HashMap<>();
                    task.groups()
                            .prunable()
                            .forEach(each -> scores.put(
                                    each.name(),
                                    IntStream.range(0, each.size())
                                            .asDoubleStream()
                                            .toArray()));
                    return Scores.of(task, scores);
                }
            };
            PruningTask task = new PruningTask(
                    model,
                    groups,
                    data,
                    Budget.macs(0.5),
                    1,
                    Settings.USUAL,
                    List.of(),
                    Optional.empty(),
                    ProgressListener.NONE);

            Sensitivity found = Sensitivity.of(task, last);

            Sensitivity.Group measured = found.groups().stream()
                    .filter(each -> each.name().equals(group.name()))
                    .findFirst()
                    .orElseThrow();
            Sensitivity.Point point = measured.points().stream()
                    .filter(each -> each.kept() == half)
                    .findFirst()
                    .orElseThrow();
            assertThat(point.accuracy()).isEqualTo(found.whole().accuracy());
            assertThat(point.loss()).isCloseTo(found.whole().loss(), within(1e-4));
            assertThat(measured.points().getLast().kept()).isEqualTo(2);
        }
    }
}
