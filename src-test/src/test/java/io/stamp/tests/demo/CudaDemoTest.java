package io.stamp.tests.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.demo.Demo;
import io.stamp.bench.demo.DemoReport;
import io.stamp.bench.demo.DemoSettings;
import io.stamp.bench.demo.Variant;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.Stamp;
import io.stamp.method.Settings;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.model.Model;
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.GroupPolicy;
import io.stamp.tests.cuda.FakeCuda;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.TrainingPlan;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole of STAMP on the device, against the same on {@code reference}: pretraining, set encoder, sampled gates, meta-training in first
 * and exact second order, search, compaction, and training of the compact network, at a tiny size.
 */
class CudaDemoTest {
    private static final String REFERENCE = "embedded:reference?train=2&test=1";
    private static final String MODEL = "resnet20";
    private static final double WIDTH = 0.1;
    private static final String GROUPS = "inner+stage";
    private static final GeneratorConfig GENERATOR =
            new GeneratorConfig(4, 2, 2, 4, 4, GeneratorConfig.Pooling.ATTENTION);
    private static final long SEED = 3;
    private static final double TOLERANCE = 1e-3;
    /** A fiftieth of what a step of Adam moves a parameter. */
    private static final double SMALL = 1e-5;
    /** How much further from the reference than backend {@code vector} the device may be; both round to float32. */
    private static final double FACTOR = 5;

    private static final List<String> FILES =
            List.of("backbone.safetensors", "generator.safetensors", "stamp.safetensors");

    @TempDir
    private Path folder;

    @BeforeAll
    static void findFake() {
        FakeCuda.require();
    }

    /** Rates so high that two steps tell the channels apart: scores that differ by rounding alone would choose other channels elsewhere. */
    private static MetaConfig metaTraining(MetaConfig.Order order) {
        return MetaConfig.DEFAULT
                .with(new MetaConfig.Inner(2, 6, 6, 3, 1e-2, 3e-2))
                .with(new MetaConfig.Tasks(2, 4, Cost.Kind.MACS, 0.7, 0.8))
                .with(new MetaConfig.Outer(order, 2, 0.5, 3e-2, 3e-2))
                .withSeed(SEED);
    }

    private static DemoSettings settings(String backend) {
        return new DemoSettings(
                REFERENCE,
                "embedded:target-a?train=2&test=1",
                "58",
                MODEL,
                WIDTH,
                "16x16x3",
                "macs=0.75",
                GROUPS,
                List.of(Variant.parse("stamp")),
                TrainingPlan.of(1, 4, 0.05, SEED),
                TrainingPlan.of(1, 4, 0.05, SEED),
                GENERATOR,
                metaTraining(MetaConfig.Order.FOMAML),
                Settings.USUAL.with(ExpectedGate.STEPS, 2).with(ExpectedGate.SETS, 1),
                TrainingPlan.of(1, 4, 0.05, SEED),
                null,
                1,
                1e-3,
                backend,
                SEED);
    }

    private JsonNode run(String name) {
        try (Backend backend = Backends.open(name, 1)) {
            Demo.ProvenanceSource provenances = (seed, configuration, fingerprints) -> Provenance.collect(
                    new Provenance.Run(seed, 1, name, "here", Map.of(), List.of("demo")), configuration, fingerprints);
            PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
            Demo demo = new Demo(backend, provenances, ProgressListener.NONE, nowhere, Duration.ofHours(1));
            DemoReport report = demo.run(settings(name), folder.resolve(name));
            assertThat(backend.memory().liveBytes()).isZero();
            return JsonFile.tree(report);
        }
    }

    @Test
    void theDemoOnTheDeviceIsTheDemoOfTheReference() {
        JsonNode expected = run("reference");
        JsonNode actual = run("cuda");
        run("vector");

        JsonNode pruning = actual.at("/variants/stamp/pruning");
        assertThat(pruning.get("kept").isEmpty()).isFalse();
        assertThat(pruning.get("kept")).isEqualTo(expected.at("/variants/stamp/pruning/kept"));
        assertThat(pruning.at("/parity/running").doubleValue()).isLessThan(1e-4);
        for (String number :
                List.of("/backbone/loss", "/generators/stamp/query_loss", "/variants/stamp/training_loss")) {
            assertClose(
                    number, actual.at(number).doubleValue(), expected.at(number).doubleValue());
        }
        for (String file : FILES) {
            assertThat(distance("cuda", file)).as(file).isLessThan(SMALL + FACTOR * distance("vector", file));
        }
    }

    /** The largest difference from what the reference has stored, relative to 1 or the value. */
    private double distance(String backend, String file) {
        Map<String, NamedArray> expected =
                Checkpoint.load(folder.resolve("reference").resolve(file)).tensors();
        Map<String, NamedArray> actual =
                Checkpoint.load(folder.resolve(backend).resolve(file)).tensors();
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        return actual.keySet().stream()
                .mapToDouble(name ->
                        distance(actual.get(name).values(), expected.get(name).values()))
                .max()
                .orElseThrow();
    }

    private static double distance(float[] actual, float[] expected) {
        double most = 0;
        for (int i = 0; i < actual.length; i++) {
            most = Math.max(most, Math.abs(actual[i] - expected[i]) / (1 + Math.abs(expected[i])));
        }
        return most;
    }

    private static void assertClose(String what, double actual, double expected) {
        assertThat(expected).as(what).isPositive();
        assertThat(actual).as(what).isCloseTo(expected, within(TOLERANCE * expected));
    }

    /** What meta-training in exact second order comes to. */
    private record Learnt(double queryLoss, Map<String, float[]> parameters) {}

    private static Learnt metaTrain(String name) {
        try (Backend backend = Backends.open(name, 1);
                Scope _ = Scope.open()) {
            DataSets data = DataSource.open(REFERENCE);
            Model backbone = Model.init(backend, Models.create(MODEL, data.classes(), WIDTH), SEED);
            ChannelGroups groups = ChannelGroups.of(backbone.network(), GroupPolicy.parse(GROUPS), Set.of());
            Stamp stamp = new Stamp(backbone, groups, GENERATOR, metaTraining(MetaConfig.Order.MAML));
            Generator generator = stamp.metaTrain(
                    data.train(), data.normalisation(), new int[] {1, 4, 9}, ProgressListener.NONE, ResumeFile.NONE);
            Map<String, float[]> parameters = new TreeMap<>();
            generator.parameters().asMap().forEach((parameter, tensor) -> parameters.put(parameter, tensor.floats()));
            return new Learnt(generator.queryLoss(), parameters);
        }
    }

    @Test
    void exactSecondOrderOnTheDeviceIsThatOfTheReference() {
        Learnt expected = metaTrain("reference");
        Learnt actual = metaTrain("cuda");
        assertClose("query loss", actual.queryLoss, expected.queryLoss);
        assertThat(actual.parameters.keySet()).isEqualTo(expected.parameters.keySet());
        actual.parameters.forEach((name, values) -> assertThat(distance(values, expected.parameters.get(name)))
                .as(name)
                .isLessThan(SMALL));
    }
}
