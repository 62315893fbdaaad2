package io.stamp.bench.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FurtherOutputs;
import io.stamp.bench.cli.InputOption;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Results;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.bench.cli.TrainingOptions;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.training.TrainingJob;
import io.stamp.bench.training.TrainingReport;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a full network from random weights: the backbone of everything else. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        description = "Trains a full network on reference data: the backbone that is pruned later.")
public final class PretrainCommand implements Runnable, FurtherOutputs {
    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            completionCandidates = Candidates.DataForms.class,
            description = "The reference data: ${COMPLETION-CANDIDATES}.")
    private String data;

    @Option(
            names = "--model",
            paramLabel = NamedNetwork.FORM,
            required = true,
            completionCandidates = Candidates.ModelNames.class,
            description = "The network, with a width factor on the channels of every group: ${COMPLETION-CANDIDATES}.")
    private String model;

    @Option(
            names = "--width",
            paramLabel = "W",
            description = "The width factor, if --model does not give one (default: 1).")
    private Double width;

    @Mixin
    private InputOption input;

    @Option(
            names = "--holdout-classes",
            paramLabel = "COUNT|LIST",
            defaultValue = "0",
            description =
                    "Classes that the network must not see: how many, taken from the end, or their names or numbers,"
                            + " separated by commas; the first half, or what precedes a slash, is block A for choosing"
                            + " settings, the rest block B for judging them (default: ${DEFAULT-VALUE}).")
    private String holdOutClasses;

    @WritesFile
    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The checkpoint to write.")
    private Path out;

    @Mixin
    private TrainingOptions training;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public Map<String, Path> furtherOutputs() {
        return SaveInterval.furtherOutput(out);
    }

    @Override
    public void run() {
        DataSets reference = dataOptions.open(data, input.shape());
        HoldOut holdOut = HoldOut.parse(holdOutClasses, reference.classNames());
        DataSets kept = holdOut.kept(reference);
        NamedNetwork named = NamedNetwork.parse("--model ", model, width, 1);
        Network network = input.on(Models.create(named.name(), kept.classes(), named.width()));
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            String start = "pretrain " + named.name() + " width " + named.width()
                    + (holdOut.isEmpty() ? "" : " without the classes " + holdOut);
            TrainingJob job = new TrainingJob(
                    backend, kept, training.plan(options.seed()), start, Optional.empty(), out, training.saveEvery());
            ObjectNode details = ModelFile.noDetails();
            Map<String, Object> configuration = job.configuration();
            if (!holdOut.isEmpty()) {
                details.set(ModelFile.HOLD_OUT, holdOut.toJson());
                configuration.put("holdoutClasses", holdOut.toString());
            }
            Provenance provenance = options.provenance(backend, configuration, job.fingerprints());
            Model initial = Model.init(backend, network, options.seed());
            TrainingReport report = job.run(initial, Checkpoint.Kind.BACKBONE, provenance, details);
            Results.print(spec, options, report.lines(), report);
        }
    }
}
