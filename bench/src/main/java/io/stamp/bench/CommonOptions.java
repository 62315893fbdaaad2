package io.stamp.bench;

import io.stamp.engine.StampException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that every command which computes has; used with {@code @Mixin}. */
public final class CommonOptions {
    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of every random number; the same seed gives the same result (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with; the result does not depend on it (default: all processors).")
    private Integer threads;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "What computes: ${COMPLETION-CANDIDATES}; auto takes the first that works (default: ${DEFAULT-VALUE}).")
    private BackendChoice backend;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the result to FILE, as one JSON object.")
    private Path json;

    /** Seed of every random number. */
    public long seed() {
        return seed;
    }

    /**
     * Number of threads to compute with, at least 1.
     *
     * @throws StampException if the user asked for less than one
     */
    public int threads() {
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (threads < 1) {
            throw new StampException("--threads is " + threads + "; give a number of at least 1.");
        }
        return threads;
    }

    /** The backend the user asked for. */
    public BackendChoice backend() {
        return backend;
    }

    /** The file for the result, if the user asked for one. */
    public Optional<Path> json() {
        return Optional.ofNullable(json);
    }

    /** Writes {@code report} where {@code --json} says, if it does; see {@link JsonFile}. */
    public void writeJson(Object report) {
        json().ifPresent(file -> JsonFile.write(file, report));
    }
}
