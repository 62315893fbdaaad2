package io.stamp.bench.cli;

import io.stamp.bench.latency.LatencyCache;
import io.stamp.bench.latency.LatencyTables;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** How latency tables are measured and where they are kept, for commands that need one; used with {@code @Mixin}. */
public final class LatencyOptions {
    @WritesFile(folder = true)
    @Option(
            names = "--latency-cache",
            paramLabel = "DIR",
            description = "Folder in which latency tables are kept, a file for each device, network and batch size"
                    + " (default: stamp/latency in the user's cache folder).")
    private Path folder;

    @Option(
            names = "--latency-batch",
            paramLabel = "N",
            description = "Images at once when latencies are measured (default: " + LatencyTables.USUAL_BATCH + ").")
    private Integer batch;

    @Option(
            names = "--latency-seconds",
            paramLabel = "S",
            description =
                    "Seconds to measure a latency table, if none is kept yet; large networks and busy machines take"
                            + " longer (default: " + LatencyTables.USUAL_SECONDS + ").")
    private Double seconds;

    /**
     * An error where the user gave one of these options for nothing.
     *
     * @param use what they belong to
     */
    public void requireUnused(String use) {
        if (folder != null || batch != null || seconds != null) {
            String option =
                    folder != null ? "--latency-cache" : batch != null ? "--latency-batch" : "--latency-seconds";
            throw new StampException(option + " belongs to " + use + "; give that or omit it.");
        }
    }

    /** @throws io.stamp.engine.StampException where the numbers are impossible */
    public LatencyTables tables(Backend backend, CommonOptions options) {
        return tables(folder, batch, seconds, backend, options);
    }

    /** For a command with options of its own; null stands for what is usual. */
    public static LatencyTables tables(
            Path folder, Integer batch, Double seconds, Backend backend, CommonOptions options) {
        Path home = Path.of(System.getProperty("user.home"));
        return new LatencyTables(
                new LatencyCache(folder != null ? folder : LatencyCache.usualFolder(System.getenv(), home)),
                batch != null ? batch : LatencyTables.USUAL_BATCH,
                seconds != null ? seconds : LatencyTables.USUAL_SECONDS,
                options.threads(),
                configuration -> options.provenance(backend, configuration, Map.of()));
    }
}
