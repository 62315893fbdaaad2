package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.bench.latency.LatencyCache;
import io.stamp.bench.latency.LatencyFile;
import io.stamp.bench.latency.LatencyKey;
import io.stamp.data.DataSource;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.model.Models;
import io.stamp.prune.LatencyTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of measured latency, and what prune and meta-train do with them. Nothing here depends on how fast anything is. */
class LatencyCommandTest extends PruningFixture {
    private static final Object[] BRIEFLY = {"--latency-batch", "2", "--latency-seconds", "0.2"};

    private static Path tables;

    /** Made up, so that what is pruned does not depend on the machine: a layer takes 0.1 ms for each pair of channels. */
    @BeforeAll
    static void keepTables() {
        tables = folder.resolve("made-up");
        Network learnt = Models.create("resnet20", 4, 0.2);
        for (Network network :
                List.of(learnt, learnt.withClasses(DataSource.open(TARGET).classes()))) {
            try (Backend backend = Backends.open("vector", Runtime.getRuntime().availableProcessors())) {
                LatencyKey key = LatencyKey.of(backend, Runtime.getRuntime().availableProcessors(), network, 2);
                new LatencyCache(tables).find(key, () -> madeUp(key, network));
            }
        }
    }

    private static LatencyFile madeUp(LatencyKey key, Network network) {
        SortedMap<String, LatencyTable.Layer> layers = new TreeMap<>();
        for (ParameterSpec spec : network.trace().parameterSpecs()) {
            if (spec.name().endsWith(".weight") && spec.shape().rank() > 1) {
                int outputs = spec.shape().dim(0);
                int inputs = spec.shape().dim(-1);
                // The classes of the backbone are not those of the target, and the table serves for both.
                boolean head = spec.name().equals("head.weight");
                layers.put(
                        spec.name(),
                        new LatencyTable.Layer(
                                head ? List.of(outputs) : List.of(1, outputs),
                                List.of(1, inputs),
                                head ? List.of(row(outputs, inputs)) : List.of(row(1, inputs), row(outputs, inputs))));
            }
        }
        Provenance.Run run = new Provenance.Run(1, 1, "vector", "nowhere", Map.of(), List.of());
        return new LatencyFile(
                key,
                new LatencyTable(layers, 1e-4),
                List.of(),
                0,
                0,
                1,
                0,
                Provenance.collect(run, Map.of(), Map.of()));
    }

    private static List<Double> row(int outputs, int inputs) {
        return List.of(1e-4 * outputs, 1e-4 * outputs * inputs);
    }

    private static Object[] with(Object[] some, Object... more) {
        List<Object> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray();
    }

    @Test
    void aTableIsMeasuredShownAndKept() throws Exception {
        Path cache = folder.resolve("tables");
        Path json = folder.resolve("table.json");
        Object[] command = {
            "latency",
            "resnet20:0.2",
            "--batch",
            "2",
            "--seconds",
            "0.2",
            "--latency-cache",
            cache,
            "--backend",
            "vector",
            "--json",
            json
        };

        CommandRun first = CommandRun.of(command);

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out()).contains("resnet20:0.2 on 32x32x3, batch 2", "stage3.block2.conv2", "whole network");
        JsonNode report = CommandRun.json(json);
        assertThat(report.at("/key/batch").intValue()).isEqualTo(2);
        assertThat(report.at("/table/layers")).hasSize(22);
        assertThat(report.at("/table/layers/stem.weight/inputs")).hasSize(1);
        assertThat(report.at("/table/layers/stage1.block0.conv1.weight/outputs"))
                .extracting(JsonNode::intValue)
                .containsExactly(2, 3);
        assertThat(report.at("/networks")).hasSize(4);
        assertThat(report.at("/rounds").intValue()).isGreaterThanOrEqualTo(8);
        assertThat(report.at("/provenance/configuration/batch").intValue()).isEqualTo(2);
        String kept = first.out().lines().toList().getLast();
        assertThat(CommandRun.json(Path.of(kept))).isEqualTo(report);

        CommandRun second = CommandRun.of(command);

        assertThat(second.out()).isEqualTo(first.out());
        assertThat(CommandRun.json(json)).isEqualTo(report);
        Files.writeString(Path.of(kept), "{");
        assertRefused(CommandRun.of(command), kept, "is not JSON");
    }

    @ParameterizedTest
    @CsvSource({"l1, 1", "l1@exact-budget, 4", "l1@score-per-cost, auto"})
    void aBudgetOfLatencyIsMetAndChecked(String method, String rounding) throws Exception {
        Path out = folder.resolve("timed-" + method + ".safetensors");
        Path json = folder.resolve("timed-" + method + ".json");

        CommandRun run = prune(out, method, rounding, "latency=0.5", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("predicted latency", "Latency in batches of 2: ");
        JsonNode report = CommandRun.json(json);
        assertThat(report.at("/pruning/cost").textValue()).isEqualTo("latency");
        assertThat(report.at("/pruning/budget_used").doubleValue()).isBetween(rounding.equals("4") ? 0.5 : 0.9, 1.0);
        assertThat(report.at("/latency/predicted").doubleValue())
                .isEqualTo(report.at("/pruning/achieved").doubleValue());
        double achieved = report.at("/latency/achieved").doubleValue();
        assertThat(report.at("/latency/seconds").doubleValue()
                        / report.at("/latency/full_seconds").doubleValue())
                .isCloseTo(achieved, within(1e-9));
        assertThat(run.err().contains("as its latency table predicts"))
                .isEqualTo(Math.abs(report.at("/latency/difference").doubleValue()) > 0.1);
        assertThat(report.at("/provenance/configuration/latencyTableSha256").textValue())
                .hasSize(64);
        if (rounding.equals("4")) {
            Map.of("stage2", 6, "stage3", 13).forEach((group, size) -> assertThat(List.of(4, 8, 12, size))
                    .contains(report.at("/pruning/kept/" + group).size()));
        }
    }

    private static CommandRun prune(Path out, String method, String rounding, String budget, Object... more) {
        return pruneUntimed(out, method, rounding, budget, with(with(BRIEFLY, "--latency-cache", tables), more));
    }

    private static CommandRun pruneUntimed(Path out, String method, String rounding, String budget, Object... more) {
        return run(
                more,
                "prune",
                "--data",
                TARGET,
                "--backend",
                "vector",
                "--backbone",
                backbone,
                "--method",
                method,
                "--round",
                rounding,
                "--budget",
                budget,
                "--out",
                out);
    }

    @Test
    void widthsAreRoundedWithoutATableToo() throws Exception {
        Path json = folder.resolve("rounded.json");

        CommandRun run = pruneUntimed(folder.resolve("rounded.safetensors"), "l1", "4", "macs=0.6", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode report = CommandRun.json(json);
        assertThat(report.get("latency").isNull()).isTrue();
        assertThat(report.at("/pruning/kept/stage3").size()).isIn(4, 8, 12, 13);
        assertThat(report.at("/pruning/kept/stage2").size()).isIn(4, 6);
        assertThat(report.at("/provenance/configuration/round").textValue()).isEqualTo("4");
    }

    @Test
    void aGeneratorLearnsBudgetsOfLatency() throws Exception {
        Path own = folder.resolve("generator-latency.safetensors");
        Object[] latencies = with(BRIEFLY, "--latency-cache", tables);
        CommandRun training = metaTrain(backbone, own, with(latencies, "--budget-kind", "latency"));
        assertThat(training.exitCode()).as(training.err()).isZero();

        CommandRun run = PruningFixture.prune(
                folder.resolve("generated.safetensors"),
                with(latencies, "--backbone", backbone, "--generator", own, "--budget", "latency=0.5"));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("requested latency=0.5", "Latency in batches of 2: ");
    }

    @Test
    void whatCannotBeIsToldBeforeAnythingIsMeasured() {
        Path out = folder.resolve("refused.safetensors");
        Path cache = folder.resolve("untouched");
        Object[] generated = {"--backbone", backbone, "--generator", generator, "--latency-cache", cache};

        assertRefused(
                PruningFixture.prune(out, with(generated, "--budget", "latency=0.5")),
                "budgets of macs",
                "--budget-kind latency");
        assertRefused(
                PruningFixture.prune(out, with(generated, "--budget", "macs=0.5")),
                "--latency-cache belongs to a budget of latency or --round auto");
        assertRefused(
                CommandRun.of("latency", "resnet20:0.2", "--batch", "0", "--latency-cache", cache),
                "batches of 0 images",
                "at least 1");
        assertRefused(CommandRun.of("latency", "resnet21", "--latency-cache", cache), "resnet21");
        assertRefused(
                CommandRun.of("demo", "--budget", "latency=0.5", "--out", folder.resolve("demo")),
                "depend on the machine");
        assertThat(cache).doesNotExist();
        assertThat(out).doesNotExist();
    }
}
