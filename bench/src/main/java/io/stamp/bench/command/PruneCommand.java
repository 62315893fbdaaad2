package io.stamp.bench.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.WritesFile;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.Stamp;
import io.stamp.method.PruningDetails;
import io.stamp.method.TargetPruning;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
            "Makes a pretrained network small for a target: the generator looks at images of the target and decides which channels"
                    + " stay; the others are removed.",
            "The result is trained by 'train' and tested by 'eval'."
        })
public final class PruneCommand implements Runnable {
    private static final int RECALIBRATION_BATCH = 64;

    @ReadsFile
    @Option(names = "--backbone", paramLabel = "FILE", required = true, description = "The pretrained network.")
    private Path backbone;

    @ReadsFile
    @Option(
            names = "--generator",
            paramLabel = "FILE",
            required = true,
            description = "The mask generator that was meta-trained for it.")
    private Path generator;

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
            defaultValue = "20",
            description =
                    "Gradient steps of the generator on the target; 0 takes its first mask (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--sets",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "Sets of target images over which the generator's output is averaged (default: ${DEFAULT-VALUE}).")
    private int sets;

    @Option(
            names = "--groups",
            paramLabel = "POLICY",
            description = "Channels that may be removed, inner or inner+stage (default and only choice: those that the"
                    + " generator was meta-trained for).")
    private String groups;

    @Option(names = "--explain", description = "Also print what is removed with a channel of each group, and why.")
    private boolean explain;

    /** What decides how much goes: one of the two. */
    private static final class Limit {
        @Option(
                names = "--budget",
                paramLabel = "macs=F|params=F",
                required = true,
                description = "What is left of the network at most, such as macs=0.3 or params=0.1.")
        private String budget;

        @Option(
                names = "--threshold",
                paramLabel = "X",
                required = true,
                description =
                        "Instead of a budget: keep the channels whose expected gate is at least X, in (0, 1], however many there"
                                + " are. The generator is asked for the largest budget that it was trained with.")
        private Double threshold;

        private void requireSensible() {
            if (threshold == null) {
                Budget.parse(budget);
            } else if (!(threshold > 0 && threshold <= 1)) {
                throw new StampException("--threshold is " + threshold
                        + "; give a number in (0, 1], since that is where expected gates lie.");
            }
        }

        /** What the generator is told that it may leave. */
        private Budget asked(MetaConfig config) {
            return threshold == null
                    ? Budget.parse(budget)
                    : Budget.macs(config.tasks().highestBudget());
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
     * @param searchLoss of the last step; null where there was none
     */
    private record Report(
            PruningDetails pruning,
            Double searchLoss,
            double searchSeconds,
            double compactionSeconds,
            double recalibrationSeconds,
            String out,
            Provenance provenance) {}

    @Override
    public void run() {
        limit.requireSensible();
        requirePositive();
        DataSets target = dataOptions.open(data);
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            Model model = ModelFile.of(backbone, Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE), backend)
                    .model();
            GeneratorFile file = GeneratorFile.load(generator, backend);
            Stamp stamp = file.on(model, backbone);
            requireGroups(file.origin().policy());
            Budget asked = limit.asked(file.origin().config());
            prune(new TargetPruning(model, file.origin().policy(), target, asked), stamp, file);
        }
    }

    private void requirePositive() {
        if (steps < 0 || sets < 1) {
            throw new StampException(
                    "--steps is " + steps + " and --sets is " + sets + "; give at least 0 steps and at least 1 set.");
        }
    }

    private void requireGroups(GroupPolicy policy) {
        if (groups != null && GroupPolicy.parse(groups) != policy) {
            throw new StampException("--groups " + groups + " is not what " + generator + " was meta-trained for ("
                    + policy + "); omit the option or meta-train another generator.");
        }
    }

    private void prune(TargetPruning pruning, Stamp stamp, GeneratorFile file) {
        PrintWriter text = spec.commandLine().getOut();
        Stamp.Search search = Stamp.Search.of(options.seed()).withSteps(steps).withSets(sets);
        TargetPruning.Choice choice = limit.threshold == null
                ? pruning.search(stamp, file.generator(), search)
                : pruning.search(stamp, file.generator(), search, limit.threshold);
        text.printf(
                "The generator looked at %d sets of images of %s and adapted by %d steps in %s s.%n%n",
                sets, data, steps, Numbers.rate(choice.seconds()));
        if (explain) {
            text.println(choice.plan().groups().explain());
            text.println();
        }
        text.println(choice.plan().table());
        text.println();
        text.flush();
        TargetPruning.Pruned small = pruning.compact(choice, RECALIBRATION_BATCH, options.seed());
        PruningDetails details = PruningDetails.of(
                "stamp", pruning.policy(), pruning.backbone(), Optional.ofNullable(limit.threshold), small.compact());
        Provenance provenance = provenance(pruning, search);
        save(small.compact().model(), pruning.target(), details, provenance);
        text.println(details.sentence());
        text.println(small.compact().parity());
        text.println(out);
        text.flush();
        options.writeJson(new Report(
                details,
                steps == 0 ? null : choice.searchLoss(),
                choice.seconds(),
                small.compactionSeconds(),
                small.recalibrationSeconds(),
                out.toString(),
                provenance));
    }

    private Provenance provenance(TargetPruning pruning, Stamp.Search search) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("backbone", backbone.toString());
        configuration.put("generator", generator.toString());
        configuration.put("generatorSha256", FileHash.sha256(generator));
        configuration.put("data", data);
        configuration.put("budget", pruning.budget().toString());
        if (limit.threshold != null) {
            configuration.put("threshold", limit.threshold);
        }
        configuration.put("groups", pruning.policy().toString());
        configuration.put("steps", search.steps());
        configuration.put("sets", search.sets());
        configuration.put("images", search.images());
        return options.provenance(
                pruning.backbone().backend(),
                configuration,
                Map.of(data + " train", pruning.target().train().fingerprint()));
    }

    private void save(Model model, DataSets target, PruningDetails pruning, Provenance provenance) {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(target).toJson());
        details.set(PruningDetails.FIELD, pruning.toJson());
        ModelFile.save(out, model, Checkpoint.Kind.COMPACT, provenance, details);
    }
}
