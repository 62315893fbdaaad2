package io.stamp.bench.compare;

import io.stamp.engine.Backends;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.train.ProgressListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Comparisons of a few seconds: few small images, a narrow network, hardly any training. */
final class TinyComparison {
    static final String TEXT = """
            data:
              shapes: embedded:target-a?train=8&test=4
              gears: embedded:target-b?train=8&test=4
            reference: shapes
            targets: [gears]
            networks: ["resnet20:0.15"]
            input: 16x16x3
            methods: [full, l1]
            budgets: [macs=0.5]
            seeds: [1, 2]
            pretraining: {epochs: 1, batch: 32}
            meta_training: {episodes: 2, inner_steps: 1, task_classes: 4}
            training: [{epochs: 1, batch: 32}]
            settings: {}
            """;

    private static final CellWork.Provenances PROVENANCES =
            (used, seed, configuration, fingerprints) -> Provenance.collect(
                    new Provenance.Run(seed, 1, used.name(), "here", Map.of(), List.of("compare")),
                    configuration,
                    fingerprints);

    private final Experiment experiment;
    private final Path folder;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    TinyComparison(String text, Path folder) {
        this.experiment = experiment(text);
        this.folder = folder;
    }

    /** {@link #TEXT} with one field changed. */
    static String with(String field, String value) {
        if (!TEXT.contains("\n" + field + ": ")) {
            throw new IllegalArgumentException("There is no field " + field);
        }
        return TEXT.replaceFirst("(?m)^" + field + ": .*$", field + ": " + value);
    }

    static Experiment experiment(String text) {
        try {
            Path file = Files.createTempFile("experiment", ".yaml");
            try {
                AtomicFiles.writeString(file, text);
                return Experiment.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new StampException("No file can be made.", e);
        }
    }

    /** What the log says of it. */
    String run(ProgressListener progress, boolean timed, boolean retry) {
        Comparison comparison = comparison(progress);
        comparison.run(
                () -> Backends.open("vector", 1), PROVENANCES::of, Duration.ZERO, new Comparison.Wishes(timed, retry));
        return log.toString(StandardCharsets.UTF_8);
    }

    String run() {
        return run(ProgressListener.NONE, false, false);
    }

    private Comparison comparison(ProgressListener progress) {
        return new Comparison(experiment, folder, progress, new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /** The report in all its forms, one after the other. */
    String report() throws IOException {
        comparison(ProgressListener.NONE).report(new PrintWriter(new StringWriter()));
        StringBuilder all = new StringBuilder();
        for (String ending : List.of("md", "csv", "json")) {
            all.append(Files.readString(folder.resolve("report." + ending)));
        }
        return all.toString();
    }

    /** Files of cells of a kind. */
    static List<Path> cells(Path folder, String kind) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cells"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(kind + "-"))
                    .sorted()
                    .toList();
        }
    }
}
