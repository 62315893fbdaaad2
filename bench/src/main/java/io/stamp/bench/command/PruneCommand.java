package io.stamp.bench.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.LatencyOptions;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.PrunerChoice;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.latency.LatencyCheck;
import io.stamp.bench.latency.LatencyTables;
import io.stamp.bench.training.MethodInputs;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.method.PruningDetails;
import io.stamp.method.PruningTask;
import io.stamp.method.Settings;
import io.stamp.method.TargetPruning;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.LatencyTable;
import io.stamp.prune.Rounding;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a pretrained network small for a target, before any training on it. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a pretrained network small for a target: a method decides which channels stay; the others are removed. The default,"
                    + " stamp, lets a generator look at images of the target.",
            "The result is trained by 'train' and tested by 'eval'."
        })
public final class PruneCommand implements Runnable {
    private static final int RECALIBRATION_BATCH = 64;

    @ReadsFile
    @Option(names = "--backbone", paramLabel = "FILE", required = true, description = "The pretrained network.")
    private Path backbone;

    @Mixin
    private PrunerChoice choice;

    @ReadsFile
    @Option(
            names = "--generator",
            paramLabel = "FILE",
            description =
                    "The mask generator that was meta-trained for the backbone, for methods that need one: stamp, no-set.")
    private Path generator;

    @ReadsFile(data = true)
    @Option(
            names = "--reference",
            paramLabel = "DATA",
            completionCandidates = Candidates.DataForms.class,
            description =
                    "The data that the backbone was pretrained on, for methods that need it; none of the built-in ones does.")
    private String reference;

    @Option(
            names = "--set",
            paramLabel = "NAME=X",
            description =
                    "Changes a setting of the method, such as taylor.batches=40; an unknown name lists those that there are."
                            + " May be repeated.")
    private List<String> set = List.of();

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            completionCandidates = Candidates.DataForms.class,
            description = "The target: ${COMPLETION-CANDIDATES}.")
    private String data;

    @WritesFile
    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The checkpoint to write.")
    private Path out;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Gradient steps of the generator on the target; 0 takes its first mask (default: 20).")
    private Integer steps;

    @Option(
            names = "--sets",
            paramLabel = "N",
            description = "Sets of target images over which the generator's output is averaged (default: 10).")
    private Integer sets;

    @Option(
            names = "--groups",
            paramLabel = "POLICY",
            description =
                    "Channels that may be removed, inner or inner+stage (default: inner+stage, or those that the generator"
                            + " was meta-trained for, which are the only choice then).")
    private String groups;

    @Option(
            names = "--round",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Channels that stay of a group are a multiple of this, or all of them: ${COMPLETION-CANDIDATES}; groups"
                            + " of fewer channels are left alone. auto takes 4, 8 or 16 for the groups where the latency table says that"
                            + " it pays (default: ${DEFAULT-VALUE}).")
    private Rounding rounding;

    @Option(names = "--explain", description = "Also print what is removed with a channel of each group, and why.")
    private boolean explain;

    @Mixin
    private LatencyOptions latencyOptions;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    /**
     * What the command found, for {@code --json}.
     *
     * @param headSeconds to fit a head for the target's classes
     * @param searchSeconds to choose the channels
     * @param details what else the method found
     * @param latency of the small network beside what was predicted; null where no latencies were asked for
     */
    private record Report(
            PruningDetails pruning,
            LatencyCheck latency,
            Map<String, Object> details,
            double headSeconds,
            double searchSeconds,
            double compactionSeconds,
            double recalibrationSeconds,
            String out,
            Provenance provenance) {}

    @Override
    public void run() {
        PrunerChoice.Chosen chosen = choice.choose(backbone);
        MethodInputs inputs = new MethodInputs(chosen.pruner(), generator, reference, groups);
        Settings settings = settings(chosen);
        Checkpoint stored = Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE);
        DataSets target = dataOptions.open(data, ModelFile.network(stored).input());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.of(backbone, stored, backend);
            MethodInputs.Opened opened = inputs.open(file, backbone, dataOptions);
            Budget budget = chosen.budget(opened.metaTraining());
            opened.generators().forEach(bound -> bound.stamp().requireKind(budget));
            Network network = file.model().network().withClasses(target.classes());
            ChannelGroups groups =
                    ChannelGroups.of(network, opened.policy(), Set.of()).withRounding(rounding);
            chosen.requireFor(groups);
            Optional<LatencyTables> tables = latencies(budget, backend);
            if (tables.isPresent()) {
                LatencyTable table = tables.get()
                        .of(backend, network, Progress.onStandardError())
                        .table();
                groups = groups.withLatency(table);
                opened = opened.withLatency(table);
            }
            if (chosen.budget().isPresent()) {
                TargetPruning.requireReachable(groups, budget);
            }
            TargetPruning pruning = TargetPruning.of(
                    file.model(),
                    opened.policy(),
                    target,
                    budget,
                    opened.metaTraining().inner().headSteps(),
                    options.seed());
            PruningTask task = opened.addTo(pruning.task())
                    .withGroups(groups)
                    .withSettings(settings)
                    .withProgress(Progress.onStandardError());
            prune(pruning.with(task), chosen, file.model(), opened, tables);
        }
    }

    /** Tables of latencies where the budget or the rounding needs them. */
    private Optional<LatencyTables> latencies(Budget budget, Backend backend) {
        if (budget.kind() == Cost.Kind.LATENCY || rounding == Rounding.AUTO) {
            return Optional.of(latencyOptions.tables(backend, options));
        }
        latencyOptions.requireUnused("a budget of latency or --round auto");
        return Optional.empty();
    }

    private Settings settings(PrunerChoice.Chosen chosen) {
        Settings settings = Settings.parse(set);
        if ((steps != null || sets != null) && !chosen.pruner().settings().contains(ExpectedGate.STEPS)) {
            throw new StampException("--steps and --sets are about the generator's search, which --method "
                    + chosen.name() + " does without; omit them.");
        }
        settings = steps == null ? settings : settings.with(ExpectedGate.STEPS, steps);
        settings = sets == null ? settings : settings.with(ExpectedGate.SETS, sets);
        settings.requireKnown(List.of(chosen.pruner()));
        return settings;
    }

    private void prune(
            TargetPruning pruning,
            PrunerChoice.Chosen chosen,
            Model model,
            MethodInputs.Opened opened,
            Optional<LatencyTables> tables) {
        PrintWriter text = spec.commandLine().getOut();
        TargetPruning.Choice found = pruning.choose(chosen.pruner());
        text.printf(
                "%s chose channels of %s in %s s: %s.%n%n",
                chosen.pruner().name(),
                data,
                Numbers.rate(found.seconds()),
                chosen.pruner().explanation());
        pruning.task().target().conversion().ifPresent(how -> text.printf("images of %s %s%n%n", data, how));
        if (explain) {
            text.println(found.plan().groups().explain());
            text.println();
        }
        text.println(found.plan().table());
        text.println();
        text.flush();
        TargetPruning.Start start = pruning.start(found, RECALIBRATION_BATCH);
        PruningDetails details = PruningDetails.of(
                chosen.name(),
                opened.policy(),
                model,
                chosen.threshold(),
                start.compact().orElseThrow());
        Provenance provenance = provenance(pruning.task(), chosen, opened, tables);
        save(start.model(), pruning.task().target(), details, provenance);
        text.println(details.sentence());
        text.println(start.compact().orElseThrow().parity());
        Optional<LatencyCheck> latency = tables.map(timed ->
                LatencyCheck.of(pruning.task().model(), start.model(), found.plan(), timed.batch(), timed.seconds()));
        latency.ifPresent(check -> text.println(check.sentence()));
        text.println(out);
        text.flush();
        latency.flatMap(LatencyCheck::warning).ifPresent(spec.commandLine().getErr()::println);
        options.writeJson(new Report(
                details,
                latency.orElse(null),
                found.pruned().details(),
                pruning.headSeconds(),
                found.seconds(),
                start.compactionSeconds(),
                start.recalibrationSeconds(),
                out.toString(),
                provenance));
    }

    private Provenance provenance(
            PruningTask task, PrunerChoice.Chosen chosen, MethodInputs.Opened opened, Optional<LatencyTables> tables) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("backbone", backbone.toString());
        configuration.putAll(chosen.configuration());
        configuration.putAll(opened.configuration());
        configuration.put("data", data);
        configuration.put("input", task.model().network().input().toString());
        configuration.put("budget", task.budget().toString());
        configuration.put("groups", opened.policy().toString());
        configuration.put("round", rounding.toString());
        tables.ifPresent(timed -> configuration.putAll(
                timed.configuration(task.model().backend(), task.model().network())));
        configuration.put("settings", task.settings().of(chosen.pruner()));
        return options.provenance(
                task.model().backend(),
                configuration,
                Map.of(data + " train", task.target().train().fingerprint()));
    }

    private void save(Model model, DataSets target, PruningDetails pruning, Provenance provenance) {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(target).toJson());
        details.set(PruningDetails.FIELD, pruning.toJson());
        ModelFile.save(out, model, Checkpoint.Kind.COMPACT, provenance, details);
    }
}
