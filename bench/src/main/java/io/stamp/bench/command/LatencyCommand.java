package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.InputOption;
import io.stamp.bench.cli.LatencyOptions;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Results;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.latency.LatencyFile;
import io.stamp.bench.latency.LatencyTables;
import io.stamp.bench.latency.LatencyText;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.nn.Network;
import io.stamp.model.ModelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how long a network takes with fewer channels. */
@Command(
        name = "latency",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how long each layer of a network takes in inference on this machine with fewer and fewer channels, and keeps that"
                    + " table for budgets of latency: 'prune --budget latency=0.5'.",
            "A table that is kept already is shown; without it a command that needs one measures it itself."
        })
public final class LatencyCommand implements Runnable {
    @ReadsFile
    @Parameters(
            paramLabel = "FILE|" + NamedNetwork.FORM,
            completionCandidates = Candidates.ModelNames.class,
            description = "A checkpoint, or the name of a network of 10 classes: ${COMPLETION-CANDIDATES}.")
    private String subject;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images at once (default: " + LatencyTables.USUAL_BATCH + ").")
    private Integer batch;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Seconds to measure; large networks and busy machines take longer (default: "
                    + LatencyTables.USUAL_SECONDS + ").")
    private Double seconds;

    @WritesFile(folder = true)
    @Option(
            names = "--latency-cache",
            paramLabel = "DIR",
            description = "Folder in which tables are kept, a file for each device, network and batch size"
                    + " (default: stamp/latency in the user's cache folder).")
    private Path folder;

    @Mixin
    private InputOption input;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Network network = network();
        try (Backend backend = options.openBackend()) {
            LatencyTables tables = LatencyOptions.tables(folder, batch, seconds, backend, options);
            LatencyFile file = tables.of(backend, network, Progress.onStandardError());
            List<String> lines = new ArrayList<>(LatencyText.lines(file));
            lines.add(tables.cache().file(tables.key(backend, network)).toString());
            Results.print(spec, options, lines, file);
        }
    }

    private Network network() {
        Path file = Path.of(subject);
        if (!Files.exists(file)) {
            return input.on(NamedNetwork.parse("", subject).create());
        }
        if (input.isGiven()) {
            throw new StampException("--input belongs to named networks, since a checkpoint has its own; omit it.");
        }
        return ModelFile.network(Checkpoint.load(file));
    }
}
