package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.GroupsOption;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Results;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.sensitivity.Sensitivity;
import io.stamp.bench.sensitivity.SensitivityText;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.TaskHead;
import io.stamp.method.Importance;
import io.stamp.method.Methods;
import io.stamp.method.PruningTask;
import io.stamp.method.Settings;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What each channel group is worth. */
@Command(
        name = "sensitivity",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Tests a pretrained network with fewer and fewer channels of one group at a time, all others whole, before any training:"
                    + " which groups can do with few channels, and which cannot.",
            "On the classes that the network learnt it keeps its last layer; on others it gets one that is fitted to its features, as in"
                    + " 'prune'. Batch-norm statistics are fresh each time."
        })
public final class SensitivityCommand implements Runnable {
    /** What methods are told that ask for a budget; nothing here is pruned to one. */
    private static final double BUDGET = 0.5;

    @ReadsFile
    @Option(names = "--backbone", paramLabel = "FILE", required = true, description = "The pretrained network.")
    private Path backbone;

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            completionCandidates = Candidates.DataForms.class,
            description = "The data whose test split is used: ${COMPLETION-CANDIDATES}.")
    private String data;

    @Option(
            names = "--method",
            paramLabel = "NAME",
            defaultValue = "l1",
            description =
                    "What ranks the channels of a group: a method that scores channels and needs no generator, such as l1,"
                            + " taylor or random (default: ${DEFAULT-VALUE}).")
    private String method;

    @WritesFile
    @Option(names = "--chart", paramLabel = "FILE", description = "Also draw accuracy against channels, as SVG.")
    private Path chart;

    @Mixin
    private GroupsOption groups;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    /** @param ownHead whether the network was tested with the last layer that it was pretrained with */
    private record Report(
            String backbone,
            String data,
            String method,
            boolean ownHead,
            Sensitivity sensitivity,
            Provenance provenance) {}

    @Override
    public void run() {
        Importance importance = importance();
        Checkpoint stored = Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE);
        DataSets all = dataOptions.open(data, ModelFile.network(stored).input());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.of(backbone, stored, backend);
            DataSets sets = EvalCommand.seenBy(file, all);
            boolean ownHead = file.data()
                    .map(DataDescription::classNames)
                    .filter(sets.classNames()::equals)
                    .isPresent();
            PruningTask task = task(ownHead ? file.model() : fitted(file.model(), sets), sets);
            SensitivityText text =
                    new SensitivityText(importance.name() + " on " + data, Sensitivity.of(task, importance));
            if (chart != null) {
                AtomicFiles.writeString(chart, text.svg());
            }
            Results.print(
                    spec,
                    options,
                    text.lines(),
                    new Report(
                            backbone.toString(),
                            data,
                            importance.name(),
                            ownHead,
                            text.sensitivity(),
                            provenance(backend, sets)));
        }
    }

    private Importance importance() {
        return Methods.onClassPath()
                .importance(method)
                .orElseThrow(
                        () -> new StampException(
                                "--method " + method
                                        + " scores no channels; choose one that does, by its name alone, such as l1, taylor or random."));
    }

    private Model fitted(Model model, DataSets sets) {
        return model.withHead(
                TaskHead.fit(model, sets, MetaConfig.DEFAULT.inner().headSteps(), options.seed()));
    }

    private PruningTask task(Model model, DataSets sets) {
        return new PruningTask(
                model,
                ChannelGroups.of(model.network(), groups.policy(), Set.of()),
                sets,
                Budget.macs(BUDGET),
                options.seed(),
                Settings.USUAL,
                List.of(),
                Optional.empty(),
                Progress.onStandardError());
    }

    private Provenance provenance(Backend backend, DataSets sets) {
        return options.provenance(
                backend,
                Map.of(
                        "backboneSha256",
                        FileHash.sha256(backbone),
                        "method",
                        method,
                        "groups",
                        groups.policy().toString()),
                Map.of(
                        data + " train", sets.train().fingerprint(),
                        data + " test", sets.test().fingerprint()));
    }
}
