package io.stamp.bench.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.method.Settings;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.train.ProgressListener;
import io.stamp.train.TrainingPlan;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Demos that take a few seconds: few images, a narrow network, hardly any training. */
final class TinyDemo implements AutoCloseable {
    static final DemoSettings SETTINGS = settings("full", "random", "stamp", "no-set", "no-meta", "joint:l1");

    /** What two runs of the same demo may differ in. */
    private static final Pattern TIMES = Pattern.compile(
            "seconds|\\w*_seconds|date|training|inference|full_images_per_second|images_per_second|speed_up|efficiency");

    private final Backend backend = Backends.open("vector", 2);
    private final StringWriter out = new StringWriter();

    static DemoSettings settings(String... variants) {
        return new DemoSettings(
                "embedded:reference?train=8&test=2",
                "embedded:target-a?train=16&test=8",
                "20",
                "resnet20",
                0.15,
                "28x20x1",
                "macs=0.4",
                "inner+stage",
                Stream.of(variants).map(Variant::parse).toList(),
                TrainingPlan.of(2, 32, 0.1, 3),
                TrainingPlan.of(1, 32, 0.05, 3),
                new GeneratorConfig(8, 2, 2, 8, 8, GeneratorConfig.Pooling.ATTENTION),
                MetaConfig.DEFAULT.withEpisodes(3).withInnerSteps(2).withSeed(3),
                Settings.USUAL.with(ExpectedGate.STEPS, 2).with(ExpectedGate.SETS, 2),
                TrainingPlan.of(2, 32, 0.05, 3),
                null,
                16,
                0.02,
                "vector",
                3);
    }

    Demo demo(ProgressListener progress) {
        Demo.ProvenanceSource provenances = (seed, configuration, fingerprints) -> Provenance.collect(
                new Provenance.Run(seed, 2, backend.name(), "here", Map.of(), List.of("demo")),
                configuration,
                fingerprints);
        return new Demo(backend, provenances, progress, new PrintWriter(out), Duration.ZERO);
    }

    DemoReport run(DemoSettings settings, Path folder) {
        return demo(ProgressListener.NONE).run(settings, folder);
    }

    Backend backend() {
        return backend;
    }

    /** All that was printed so far. */
    String output() {
        return out.toString();
    }

    /** A report without the numbers that a stopwatch made. */
    static JsonNode withoutTimes(JsonNode report) {
        JsonNode rest = report.deepCopy();
        strip(rest);
        return rest;
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            Set<String> names = Set.copyOf(object.properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(name -> TIMES.matcher(name).matches() && !isSetting(object, name))
                    .toList());
            object.remove(names);
            object.forEach(TinyDemo::strip);
        } else if (node instanceof ArrayNode array) {
            array.forEach(TinyDemo::strip);
        }
    }

    /** The settings have fields of the same names, which must not differ. */
    private static boolean isSetting(ObjectNode object, String name) {
        return object.has("pretraining") || object.get(name).has("epochs");
    }

    @Override
    public void close() {
        backend.close();
    }
}
