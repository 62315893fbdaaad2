package io.stamp.bench.latency;

import io.stamp.engine.checkpoint.Provenance;
import io.stamp.prune.LatencyTable;
import java.util.List;

/**
 * A latency table as it is kept, with where it comes from.
 *
 * @param networks whole networks that it was fitted to, the full one first
 * @param points different layers times channel counts that were measured
 * @param rounds in which each was timed
 * @param scale what the times of single layers were multiplied by
 * @param seconds that the measurement took
 */
public record LatencyFile(
        LatencyKey key,
        LatencyTable table,
        List<LatencyMeasurement.WholeNetwork> networks,
        int points,
        int rounds,
        double scale,
        double seconds,
        Provenance provenance) {}
