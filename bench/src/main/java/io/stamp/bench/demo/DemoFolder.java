package io.stamp.bench.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.FailedException;
import io.stamp.engine.KnownProperties;
import io.stamp.engine.StampException;
import io.stamp.train.ResumeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Where a demo puts everything, and its memory: {@code unfinished.json} holds the settings and what each finished stage found, so that
 * a demo that was killed continues with the stage it was in. It is removed at the end; the report stays.
 */
final class DemoFolder {
    static final String REPORT = "report.json";

    private static final String UNFINISHED = "unfinished.json";
    private static final String SETTINGS = "settings";
    private static final String PROPERTIES = "systemProperties";
    private static final String DEMO = "demo";
    private static final String VARIANTS = "variants";
    private static final String STAGES = "stages";
    private static final String SECONDS = "seconds";
    private static final String RESUME_SUFFIX = ".resume";
    private static final String CHECKPOINT_SUFFIX = ".safetensors";

    private final Path folder;
    private final Duration saveInterval;
    private final ObjectNode state;
    private final boolean continued;
    private long recorded = System.nanoTime();

    private DemoFolder(Path folder, Duration saveInterval, ObjectNode state, boolean continued) {
        this.folder = folder;
        this.saveInterval = saveInterval;
        this.state = state;
        this.continued = continued;
    }

    /**
     * Continues the unfinished demo in a folder, or starts a new one there; the files of a finished one are removed.
     *
     * @param settings anything that JSON has a form for
     * @param saveInterval how often a long stage saves its state
     * @throws StampException where an unfinished demo has other settings, or the folder holds files that no demo made
     */
    static DemoFolder open(Path folder, Object settings, Duration saveInterval) {
        Path file = folder.resolve(UNFINISHED);
        JsonNode wanted = JsonFile.tree(settings);
        if (wanted instanceof ObjectNode fields) {
            fields.put(PROPERTIES, KnownProperties.changingResultsAsText());
        }
        if (Files.exists(file)) {
            ObjectNode state = JsonFile.read(file);
            if (!wanted.equals(state.get(SETTINGS))) {
                throw new StampException("The unfinished run in " + folder + " has other settings ("
                        + firstDifference(state.path(SETTINGS), wanted, "")
                        + "); repeat its command to continue it, remove the folder, or give another --out.");
            }
            return new DemoFolder(folder, saveInterval, state, true);
        }
        removeFinished(folder, wanted);
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.set(SETTINGS, wanted);
        state.putObject(STAGES);
        state.put(SECONDS, 0.0);
        JsonFile.write(file, state);
        return new DemoFolder(folder, saveInterval, state, false);
    }

    /** The first setting that differs, with both values. */
    private static String firstDifference(JsonNode there, JsonNode now, String path) {
        if (!there.isObject() || !now.isObject()) {
            return path + " is " + there + " there and " + now + " now";
        }
        for (var field : now.properties()) {
            JsonNode old = there.path(field.getKey());
            if (!old.equals(field.getValue())) {
                String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
                return firstDifference(old, field.getValue(), name);
            }
        }
        return "it was written by another version";
    }

    private static void removeFinished(Path folder, JsonNode wanted) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> reports = Stream.of(REPORT, SeedSummary.JSON)
                .map(folder::resolve)
                .filter(Files::exists)
                .toList();
        boolean finished = !reports.isEmpty();
        Stream<JsonNode> settings =
                Stream.concat(Stream.of(wanted.path(DEMO)), reports.stream().map(file -> JsonFile.read(file)
                        .path(SETTINGS)));
        List<Path> own =
                ownNames(settings).map(folder::resolve).filter(Files::exists).toList();
        if (!own.isEmpty() && !finished) {
            throw new StampException(folder + " holds " + own.getFirst().getFileName()
                    + ", which no demo made; give an empty folder as --out.");
        }
        try {
            for (Path file : own) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new FailedException(
                    "The finished demo in " + folder + " cannot be removed (" + e.getMessage()
                            + "); check the permissions or give another --out.",
                    e);
        }
    }

    /** Every file that demos with these settings may write, but for those of unfinished stages. */
    private static Stream<String> ownNames(Stream<JsonNode> settings) {
        Stream<String> variants = settings.flatMap(
                        demo -> StreamSupport.stream(demo.path(VARIANTS).spliterator(), false))
                .map(JsonNode::asText)
                .map(Variant::parse)
                .flatMap(variant -> Stream.of(variant.checkpoint(), variant.untrainedCheckpoint()));
        Stream<String> generators = NeededGenerator.all().map(NeededGenerator::checkpoint);
        Stream<String> models = Stream.concat(variants, generators);
        return Stream.concat(
                Stream.of(REPORT, SeedSummary.JSON, SeedSummary.MARKDOWN),
                Stream.concat(Stream.of(Pretraining.CHECKPOINT, JointPretraining.CHECKPOINT), models)
                        .distinct()
                        .map(name -> name + CHECKPOINT_SUFFIX));
    }

    /** Whether an earlier run has begun this demo. */
    boolean continued() {
        return continued;
    }

    Path folder() {
        return folder;
    }

    /** A checkpoint of this demo. */
    Path checkpoint(String name) {
        return folder.resolve(name + CHECKPOINT_SUFFIX);
    }

    boolean isDone(String stage) {
        return state.path(STAGES).has(stage);
    }

    /**
     * What a stage found: from an earlier run where it was finished there, otherwise found now and recorded.
     *
     * @param work is given the file from which the stage continues if it was interrupted
     */
    <R> R stage(String name, Class<R> type, Function<ResumeFile, R> work) {
        String identity = "stage " + name + " of " + state.get(SETTINGS);
        ResumeFile resume = ResumeFile.at(folder.resolve(name + RESUME_SUFFIX), identity, saveInterval);
        if (isDone(name)) {
            // A run that was killed right after it recorded the stage has left the file.
            resume.finish();
            return JsonFile.value(state.get(STAGES).get(name), type);
        }
        R result = resume.unlessDiverged(() -> work.apply(resume));
        ((ObjectNode) state.get(STAGES)).set(name, JsonFile.tree(result));
        long now = System.nanoTime();
        state.put(SECONDS, seconds() + (now - recorded) * 1e-9);
        recorded = now;
        JsonFile.write(folder.resolve(UNFINISHED), state);
        resume.finish();
        // Read back, so that a continued demo and one that was never interrupted see the same numbers.
        return JsonFile.value(state.get(STAGES).get(name), type);
    }

    /** Seconds of all runs of this demo, up to the last finished stage. */
    double seconds() {
        return state.get(SECONDS).asDouble();
    }

    /** The report is written: the next demo here begins anew. */
    void finish() {
        Path file = folder.resolve(UNFINISHED);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new FailedException(
                    "The demo is complete, but " + file + " cannot be removed (" + e.getMessage() + "); remove it.", e);
        }
    }
}
