package io.stamp.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.FailedException;
import io.stamp.engine.KnownProperties;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.checkpoint.StoredSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The checkpoint from which an interrupted long phase continues. It is written at intervals; {@link #finish()} removes it once the
 * phase's result is stored, {@link #unlessDiverged} where there will be none. When it was written does not change the result.
 */
public final class ResumeFile {
    /** Keeps nothing: an interrupted phase begins anew. */
    public static final ResumeFile NONE = new ResumeFile(null, "", Duration.ZERO);

    private static final String IDENTITY = "identity";

    private final Path path;
    private final String identity;
    private final Duration interval;
    private long lastSaved = System.nanoTime();

    private ResumeFile(Path path, String identity, Duration interval) {
        this.path = path;
        this.identity = identity;
        this.interval = interval;
    }

    /**
     * @param identity says which phase with which settings this is; system properties that may change results belong to it by
     *     themselves. A file of another one is refused rather than continued
     */
    public static ResumeFile at(Path path, String identity, Duration interval) {
        String properties = KnownProperties.changingResultsAsText();
        return new ResumeFile(path, properties.isEmpty() ? identity : identity + "; " + properties, interval);
    }

    /**
     * The stored state, where there is one.
     *
     * @param restore makes the state of what is stored
     * @throws StampException where the file is damaged or belongs to another run; the sentence says how to start over
     */
    public <T> Optional<T> load(Function<Checkpoint, T> restore) {
        if (path == null || !Files.exists(path)) {
            return Optional.empty();
        }
        Checkpoint checkpoint = usable(() -> Checkpoint.load(path).require(Checkpoint.Kind.TRAINING));
        String found = usable(() -> new StoredSettings(checkpoint).text(IDENTITY));
        if (!found.equals(identity)) {
            throw new StampException(path
                    + " belongs to an unfinished run with other settings; continue that run with its own settings,"
                    + " delete the file to start over, or write elsewhere. (There: " + found + ". Now: " + identity
                    + ".)");
        }
        return Optional.of(usable(() -> restore.apply(checkpoint)));
    }

    private <T> T usable(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (FailedException e) {
            throw e;
        } catch (StampException e) {
            throw new StampException(
                    e.getMessage() + " Nothing can be continued from " + path + "; delete it to start over.", e);
        }
    }

    /** Whether the interval has passed since the state was written. */
    boolean isDue() {
        return path != null && System.nanoTime() - lastSaved >= interval.toNanos();
    }

    /** Writes the state when the interval has passed; {@code content} fills the metadata and returns the tensors. */
    public void saveWhenDue(Function<ObjectNode, List<NamedArray>> content) {
        if (!isDue()) {
            return;
        }
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        metadata.put(IDENTITY, identity);
        List<NamedArray> arrays = content.apply(metadata);
        Checkpoint.of(Checkpoint.Kind.TRAINING, metadata, arrays).save(path);
        lastSaved = System.nanoTime();
    }

    /**
     * Runs the phase or a part of it. Where it diverges the stored state is removed: repeating the phase would only continue from there
     * to the same end.
     */
    public <T> T unlessDiverged(Supplier<T> phase) {
        try {
            return phase.get();
        } catch (DivergedException e) {
            remove("from which training diverges");
            throw e;
        }
    }

    /** The phase is complete and its result stored. */
    public void finish() {
        remove("which is finished");
    }

    private void remove(String why) {
        if (path == null) {
            return;
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new FailedException(
                    path + ", " + why + ", cannot be removed (" + e.getMessage() + "); remove it.", e);
        }
    }
}
