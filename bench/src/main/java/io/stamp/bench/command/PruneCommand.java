package io.stamp.bench.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.training.MethodInputs;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.method.Importance;
import io.stamp.method.Methods;
import io.stamp.method.Pruner;
import io.stamp.method.PruningDetails;
import io.stamp.method.PruningTask;
import io.stamp.method.Settings;
import io.stamp.method.TargetPruning;
import io.stamp.method.allocation.Threshold;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.prune.Budget;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
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

    @Option(
            names = "--method",
            paramLabel = "NAME",
            defaultValue = "stamp",
            completionCandidates = Candidates.MethodNames.class,
            description = {
                "What chooses the channels: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
                "NAME@ALLOCATION changes how many channels of each group stay: uniform (the same share), global (all groups"
                        + " ranked together), best-of-random (random shares, the best by the loss before training), or the"
                        + " name of another method for its widths: l1@global, random@stamp."
            })
    private String method;

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

    @ArgGroup(multiplicity = "1")
    private Limit limit;

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

    @Option(names = "--explain", description = "Also print what is removed with a channel of each group, and why.")
    private boolean explain;

    /** What decides how much goes: one of the two. */
    private static final class Limit {
        @Option(
                names = "--budget",
                paramLabel = "macs=F|params=F",
                required = true,
                description = "The share of the network that may be left, such as macs=0.3 or params=0.1.")
        private String budget;

        @Option(
                names = "--threshold",
                paramLabel = "X",
                required = true,
                description =
                        "Instead of a budget: keep the channels whose score is at least X, however many there are. Scores of a"
                                + " generator are expected gates, in (0, 1]; it is asked for the largest budget that it was"
                                + " trained with.")
        private Double threshold;

        private void requireSensible(Optional<Importance> importance) {
            if (threshold == null) {
                Budget.parse(budget);
                return;
            }
            boolean gates = importance.filter(ExpectedGate.class::isInstance).isPresent();
            if (!(threshold > 0 && threshold <= (gates ? 1 : Double.MAX_VALUE))) {
                throw new StampException("--threshold is " + threshold
                        + (gates
                                ? "; give a number in (0, 1], since that is where expected gates lie."
                                : "; give a positive number."));
            }
        }
    }

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
     */
    private record Report(
            PruningDetails pruning,
            Map<String, Object> details,
            double headSeconds,
            double searchSeconds,
            double compactionSeconds,
            double recalibrationSeconds,
            String out,
            Provenance provenance) {}

    @Override
    public void run() {
        Methods methods = Methods.onClassPath();
        Pruner pruner = pruner(methods);
        MethodInputs inputs = new MethodInputs(pruner, generator, reference, groups);
        Settings settings = settings(pruner);
        Checkpoint stored = Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE);
        DataSets target = dataOptions.open(data, ModelFile.network(stored).input());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.of(backbone, stored, backend);
            MethodInputs.Opened opened = inputs.open(file, backbone, dataOptions);
            Budget budget = limit.threshold == null
                    ? Budget.parse(limit.budget)
                    : new Budget(
                            opened.metaTraining().tasks().budgetKind(),
                            opened.metaTraining().tasks().highestBudget());
            if (limit.threshold == null) {
                TargetPruning.requireReachable(file.model().network(), target.classes(), opened.policy(), budget);
            }
            TargetPruning pruning = TargetPruning.of(
                    file.model(),
                    opened.policy(),
                    target,
                    budget,
                    opened.metaTraining().inner().headSteps(),
                    options.seed());
            PruningTask task =
                    opened.addTo(pruning.task()).withSettings(settings).withProgress(Progress.onStandardError());
            prune(pruning.with(task), pruner, file.model(), opened);
        }
    }

    /** The method; with a threshold, that is its allocation. */
    private Pruner pruner(Methods methods) {
        Pruner named = methods.pruner(method);
        if (!named.removes()) {
            throw new StampException("--method " + method + " removes nothing; 'train --checkpoint " + backbone
                    + "' trains the whole network on a target.");
        }
        Optional<Importance> importance = methods.importance(method);
        limit.requireSensible(importance);
        if (limit.threshold == null) {
            return named;
        }
        return Pruner.of(
                importance.orElseThrow(() -> new StampException("--threshold is a bound on scores, so it needs a method"
                        + " that scores channels, by its name alone, not --method " + method + ".")),
                new Threshold(limit.threshold));
    }

    private Settings settings(Pruner pruner) {
        Settings settings = Settings.parse(set);
        if ((steps != null || sets != null) && !pruner.settings().contains(ExpectedGate.STEPS)) {
            throw new StampException("--steps and --sets are about the generator's search, which --method " + method
                    + " does without; omit them.");
        }
        settings = steps == null ? settings : settings.with(ExpectedGate.STEPS, steps);
        settings = sets == null ? settings : settings.with(ExpectedGate.SETS, sets);
        settings.requireKnown(List.of(pruner));
        return settings;
    }

    private void prune(TargetPruning pruning, Pruner pruner, Model model, MethodInputs.Opened opened) {
        PrintWriter text = spec.commandLine().getOut();
        TargetPruning.Choice choice = pruning.choose(pruner);
        text.printf(
                "%s chose channels of %s in %s s: %s.%n%n",
                pruner.name(), data, Numbers.rate(choice.seconds()), pruner.explanation());
        pruning.task().target().conversion().ifPresent(how -> text.printf("images of %s %s%n%n", data, how));
        if (explain) {
            text.println(choice.plan().groups().explain());
            text.println();
        }
        text.println(choice.plan().table());
        text.println();
        text.flush();
        TargetPruning.Start start = pruning.start(choice, RECALIBRATION_BATCH);
        PruningDetails details = PruningDetails.of(
                limit.threshold == null ? pruner.name() : method,
                opened.policy(),
                model,
                Optional.ofNullable(limit.threshold),
                start.compact().orElseThrow());
        Provenance provenance = provenance(pruning.task(), pruner, opened);
        save(start.model(), pruning.task().target(), details, provenance);
        text.println(details.sentence());
        text.println(start.compact().orElseThrow().parity());
        text.println(out);
        text.flush();
        options.writeJson(new Report(
                details,
                choice.pruned().details(),
                pruning.headSeconds(),
                choice.seconds(),
                start.compactionSeconds(),
                start.recalibrationSeconds(),
                out.toString(),
                provenance));
    }

    private Provenance provenance(PruningTask task, Pruner pruner, MethodInputs.Opened opened) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("backbone", backbone.toString());
        configuration.put("method", method);
        configuration.putAll(opened.configuration());
        configuration.put("data", data);
        configuration.put("input", task.model().network().input().toString());
        configuration.put("budget", task.budget().toString());
        if (limit.threshold != null) {
            configuration.put("threshold", limit.threshold);
        }
        configuration.put("groups", opened.policy().toString());
        configuration.put("settings", task.settings().of(pruner));
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
