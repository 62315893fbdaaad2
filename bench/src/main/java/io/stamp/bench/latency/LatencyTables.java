package io.stamp.bench.latency;

import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.Seconds;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.prune.ChannelGroups;
import io.stamp.train.ProgressListener;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Gives the latency tables of networks: those that are kept, and others once they are measured.
 *
 * @param cache where they are kept
 * @param batch images at once
 * @param seconds to measure a table, about
 * @param threads of the backend
 * @param provenances makes a provenance of a configuration
 */
public record LatencyTables(
        LatencyCache cache,
        int batch,
        double seconds,
        int threads,
        Function<Map<String, Object>, Provenance> provenances) {
    /** The name of the hash of a table in a provenance. */
    public static final String HASH = "latencyTableSha256";

    public static final int USUAL_BATCH = 64;
    public static final int USUAL_SECONDS = 20;

    public LatencyTables {
        Seconds.requirePositive("The time to measure latencies", seconds);
        if (batch < 1) {
            throw new StampException(
                    "Latencies are to be measured in batches of " + batch + " images; give at least 1.");
        }
    }

    /** What the table of a network is kept under. */
    public LatencyKey key(Backend backend, Network network) {
        return LatencyKey.of(backend, threads, network, batch);
    }

    /**
     * The table of a network.
     *
     * @throws StampException where the kept one is damaged, or the network can neither be pruned nor fused for inference
     */
    public LatencyFile of(Backend backend, Network network, ProgressListener progress) {
        LatencyKey key = key(backend, network);
        return cache.find(key, () -> measure(backend, network, key, progress));
    }

    /** Which table was used, for the provenance of a result: its file and what that holds. */
    public Map<String, Object> configuration(Backend backend, Network network) {
        Path file = cache.file(key(backend, network));
        return Map.of("latencyTable", file.toString(), HASH, FileHash.sha256(file));
    }

    private LatencyFile measure(Backend backend, Network network, LatencyKey key, ProgressListener progress) {
        long started = System.nanoTime();
        LatencyMeasurement.Measured measured =
                LatencyMeasurement.measure(backend, ChannelGroups.of(network), batch, seconds, progress);
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("network", key.network());
        configuration.put("layers", key.layers());
        configuration.put("input", key.input());
        configuration.put("batch", batch);
        configuration.put("seconds", seconds);
        return new LatencyFile(
                key,
                measured.table(),
                measured.networks(),
                measured.points(),
                measured.rounds(),
                measured.scale(),
                (System.nanoTime() - started) * 1e-9,
                provenances.apply(configuration));
    }
}
