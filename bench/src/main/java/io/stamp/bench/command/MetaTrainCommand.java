package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FurtherOutputs;
import io.stamp.bench.cli.GateChoice;
import io.stamp.bench.cli.GroupsOption;
import io.stamp.bench.cli.LatencyOptions;
import io.stamp.bench.cli.MetaTrainingOptions;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.latency.LatencyTables;
import io.stamp.bench.training.HeldOutClasses;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.MetaValidation;
import io.stamp.meta.Stamp;
import io.stamp.model.ModelFile;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.ResumeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Meta-trains a mask generator for a backbone. */
@Command(
        name = "meta-train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Meta-trains a mask generator for a pretrained network on many small tasks drawn from the"
                    + " reference data.",
            "Classes that the network was pretrained without are held out here as well. Afterwards they show what the generator is"
                    + " worth: block A is for choosing settings, block B only for judging what was chosen."
        })
public final class MetaTrainCommand implements Runnable, FurtherOutputs {
    @ReadsFile
    @Option(names = "--backbone", paramLabel = "FILE", required = true, description = "The pretrained network.")
    private Path backbone;

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            completionCandidates = Candidates.DataForms.class,
            description = "The reference data it was pretrained on: ${COMPLETION-CANDIDATES}.")
    private String data;

    @WritesFile
    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The checkpoint to write.")
    private Path out;

    @Option(
            names = "--holdout-classes",
            paramLabel = "COUNT|LIST",
            description = "Classes that the generator must not see; the backbone stores them, and a different set"
                    + " is refused.")
    private String holdOutClasses;

    @Option(
            names = "--budget-kind",
            paramLabel = "KIND",
            defaultValue = "macs",
            description =
                    "What the budgets of the tasks are about, and later those of 'prune': ${COMPLETION-CANDIDATES}"
                            + " (default: ${DEFAULT-VALUE}).")
    private Cost.Kind budgetKind;

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            defaultValue = "fomaml",
            description =
                    "How the outer gradient is taken: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). It matters for the"
                            + " episodes after the warm-up alone.")
    private MetaConfig.Order order;

    @Option(
            names = "--masks",
            paramLabel = "MASKS",
            defaultValue = "binary",
            description =
                    "The masks that a generator learns from: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}), as they are in"
                            + " the end, or samples of the relaxed gates.")
    private MetaConfig.Masks masks;

    @Option(
            names = "--pooling",
            paramLabel = "POOLING",
            defaultValue = "attention",
            description =
                    "How the generator pools a set of images: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private GeneratorConfig.Pooling pooling;

    @Option(
            names = "--gates",
            paramLabel = "GATES",
            defaultValue = "beta-bernoulli",
            description = "Distribution of the gates: ${COMPLETION-CANDIDATES}" + " (default: ${DEFAULT-VALUE}).")
    private GateChoice gates;

    @Option(
            names = "--validation-tasks",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Tasks drawn from each block of held-out classes to judge the masks on afterwards, no two of the same"
                            + " classes; 0 for none (default: ${DEFAULT-VALUE}).")
    private int validationTasks;

    @Option(
            names = "--validation-budget",
            paramLabel = "F",
            defaultValue = "0.3",
            description = "Share that those masks leave of what --budget-kind is about (default: ${DEFAULT-VALUE}).")
    private double validationBudget;

    @Option(
            names = "--validation-baseline",
            paramLabel = "MASKS",
            defaultValue = "generated",
            description = "Masks that the others are compared with, task by task: ${COMPLETION-CANDIDATES}"
                    + " (default: ${DEFAULT-VALUE}).")
    private MetaValidation.Source validationBaseline;

    @Mixin
    private MetaTrainingOptions metaTraining;

    @Mixin
    private GroupsOption groups;

    @Mixin
    private SaveInterval saveInterval;

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
     * @param validation on block A; null without such classes
     * @param judgement on block B, likewise
     */
    private record Report(
            double queryLoss,
            double seconds,
            MetaValidation.Result validation,
            MetaValidation.Result judgement,
            String out,
            Provenance provenance) {}

    /** What is trained on what. */
    private record Job(
            ModelFile file,
            ChannelGroups groups,
            Stamp stamp,
            DataSets reference,
            HoldOut holdOut,
            GeneratorFile.Origin origin,
            Map<String, Object> latencies) {}

    @Override
    public Map<String, Path> furtherOutputs() {
        return SaveInterval.furtherOutput(out);
    }

    @Override
    public void run() {
        if (validationTasks < 0) {
            throw new StampException("--validation-tasks is " + validationTasks + "; it must not be negative.");
        }
        Checkpoint stored = Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE);
        DataSets reference = dataOptions.open(data, ModelFile.network(stored).input());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            Job job = job(backend, stored, reference);
            Optional<HeldOutClasses> heldOut = heldOut(job);
            Provenance provenance = provenance(job);
            Generator generator = train(job);
            GeneratorFile.save(out, generator, job.origin, provenance);
            resumeFile(job).finish();
            PrintWriter text = spec.commandLine().getOut();
            reference.conversion().ifPresent(how -> text.println("images of " + data + " " + how));
            text.printf(
                    Locale.ROOT,
                    "%d episodes in %s s; query loss %.3f.%n",
                    job.origin.config().outer().episodes(),
                    Numbers.rate(generator.seconds()),
                    generator.queryLoss());
            text.flush();
            HeldOutClasses.Scores scores =
                    heldOut.map(classes -> classes.judge(generator, text)).orElse(HeldOutClasses.Scores.NONE);
            text.println(out);
            text.flush();
            options.writeJson(new Report(
                    generator.queryLoss(),
                    generator.seconds(),
                    scores.blockA(),
                    scores.blockB(),
                    out.toString(),
                    provenance));
        }
    }

    private Job job(Backend backend, Checkpoint stored, DataSets reference) {
        ModelFile file = ModelFile.of(backbone, stored, backend);
        HoldOut holdOut = file.requireHoldOut(Optional.ofNullable(holdOutClasses), reference.classNames());
        file.requireClasses(holdOut.kept(reference));
        GroupPolicy policy = groups.policy();
        MetaConfig config = metaTraining
                .config(MetaConfig.DEFAULT.outer().episodes())
                .withOrder(order)
                .with(masks)
                .withBudgetKind(budgetKind)
                .withSeed(options.seed());
        Network network = file.model().network();
        ChannelGroups groups = ChannelGroups.of(network, policy, Set.of());
        Map<String, Object> latencies = Map.of();
        if (budgetKind == Cost.Kind.LATENCY) {
            LatencyTables tables = latencyOptions.tables(backend, options);
            groups = groups.withLatency(
                    tables.of(backend, network, Progress.onStandardError()).table());
            latencies = tables.configuration(backend, network);
        } else {
            latencyOptions.requireUnused("--budget-kind latency");
        }
        Stamp stamp = new Stamp(
                file.model(), groups, GeneratorConfig.DEFAULT.withPooling(pooling), config, gates.distribution());
        GeneratorFile.Origin origin = GeneratorFile.Origin.of(file.model(), policy, holdOut, config);
        return new Job(file, groups, stamp, reference, holdOut, origin, latencies);
    }

    private Generator train(Job job) {
        DataSets kept = job.holdOut.kept(job.reference);
        int[] classes = IntStream.range(0, kept.classes()).toArray();
        return job.stamp.metaTrain(
                kept.train(), kept.normalisation(), classes, Progress.onStandardError(), resumeFile(job));
    }

    private ResumeFile resumeFile(Job job) {
        String identity = "meta-train of backbone " + job.origin.backbone() + " on "
                + job.holdOut.kept(job.reference).train().fingerprint() + "; " + job.origin.config() + "; "
                + job.stamp.function() + "; backend "
                + job.file.model().backend().name()
                + (job.latencies.isEmpty() ? "" : "; " + job.latencies.get(LatencyTables.HASH));
        return ResumeFile.at(SaveInterval.resumeFile(out), identity, saveInterval.duration());
    }

    private Provenance provenance(Job job) {
        DataSets kept = job.holdOut.kept(job.reference);
        MetaConfig config = job.origin.config();
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("backbone", backbone.toString());
        configuration.put("data", data);
        configuration.put("input", kept.input().toString());
        configuration.put("holdoutClasses", job.holdOut.toString());
        configuration.put("groups", job.origin.policy().toString());
        configuration.put("episodes", config.outer().episodes());
        configuration.put("warmupShare", config.outer().warmupShare());
        configuration.put("warmupRate", config.outer().warmupRate());
        configuration.put("outerRate", config.outer().rate());
        configuration.put("innerSteps", config.inner().steps());
        configuration.put("taskClasses", config.tasks().classes());
        configuration.put("budgetKind", budgetKind.toString());
        configuration.putAll(job.latencies);
        configuration.put("order", order.toString());
        configuration.put("pooling", pooling.toString());
        configuration.put("gates", gates.toString());
        return options.provenance(
                job.file.model().backend(),
                configuration,
                Map.of(kept.source() + " train", kept.train().fingerprint()));
    }

    /** What the masks are judged on in the end; what would make that impossible is said now. */
    private Optional<HeldOutClasses> heldOut(Job job) {
        if (validationTasks == 0) {
            return Optional.empty();
        }
        Stamp.Search search = Stamp.Search.of(options.seed());
        MetaValidation validation = new MetaValidation(
                validationTasks, search.steps(), search.sets(), validationBudget, validationBaseline);
        HeldOutClasses heldOut = new HeldOutClasses(job.stamp, job.reference, job.holdOut, validation);
        heldOut.requireFits(job.groups, budgetKind);
        return Optional.of(heldOut);
    }
}
