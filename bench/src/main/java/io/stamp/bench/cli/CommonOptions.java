package io.stamp.bench.cli;

import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.Provenance;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that every command which computes something random has; used with {@code @Mixin}. */
public final class CommonOptions extends ComputeOptions {
    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of all random numbers; the same seed gives the same result (default: ${DEFAULT-VALUE}).")
    private long seed;

    /** Seed of every random number. */
    public long seed() {
        return seed;
    }

    /** Where a result comes from that {@code used} computes now; see {@link Provenance} for the parameters. */
    public Provenance provenance(
            Backend used, Map<String, Object> configuration, Map<String, String> dataFingerprints) {
        return provenance(used, seed, configuration, dataFingerprints);
    }
}
