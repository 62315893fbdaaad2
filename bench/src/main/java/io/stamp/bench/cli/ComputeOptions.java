package io.stamp.bench.cli;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Libraries;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.hardware.Cpu;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command computes and where its result goes; used with {@code @Mixin}. Seeds are {@link CommonOptions}'. */
public class ComputeOptions {
    /** More than any machine has processors; beyond that threads only wait for one another. */
    private static final int MOST_THREADS = 1024;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Number of threads; the result does not depend on it (default: all processors).")
    private Integer threads;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "The backend that computes: ${COMPLETION-CANDIDATES}; auto takes the first that works (default: ${DEFAULT-VALUE}).")
    private BackendChoice backend;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec mixee;

    @Mixin
    private JsonOption json;

    /**
     * Number of threads to compute with, at least 1.
     *
     * @throws StampException if the user asked for less than one or absurdly many
     */
    public final int threads() {
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (threads < 1 || threads > MOST_THREADS) {
            throw new StampException("--threads is " + threads + "; give a number from 1 to " + MOST_THREADS + ".");
        }
        return threads;
    }

    /** What {@code --backend} says. */
    public final String backendName() {
        return backend.toString();
    }

    /**
     * Opens the backend the user asked for, with {@link #threads} threads; the caller closes it.
     *
     * @throws StampException if it does not work on this machine
     */
    public final Backend openBackend() {
        return Backends.open(backendName(), threads());
    }

    /** Where a result comes from that {@code used} computes now; see {@link Provenance} for the parameters. */
    public final Provenance provenance(
            Backend used, long seed, Map<String, Object> configuration, Map<String, String> dataFingerprints) {
        String device = Cpu.detect().model() + "; " + used.description();
        List<String> arguments = mixee.root().commandLine().getParseResult().originalArgs();
        var run = new Provenance.Run(seed, threads(), used.name(), device, libraries(), arguments);
        return Provenance.collect(run, configuration, dataFingerprints);
    }

    /** Those that read the data and the command line; what they do is part of a result. */
    private static Map<String, String> libraries() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("mfl", Libraries.version("us.hebi.matlab.mat", "mfl-core"));
        versions.put("picocli", CommandLine.VERSION);
        return versions;
    }

    /** Writes {@code report} where {@code --json} says, if it does; see {@link JsonOption}. */
    public final void writeJson(Object report) {
        json.write(report);
    }
}
