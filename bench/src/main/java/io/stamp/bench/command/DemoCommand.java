package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.DistillationOptions;
import io.stamp.bench.cli.GroupsOption;
import io.stamp.bench.cli.InputOption;
import io.stamp.bench.cli.MetaTrainingOptions;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.bench.cli.Seconds;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.demo.Demo;
import io.stamp.bench.demo.DemoSettings;
import io.stamp.bench.demo.Variant;
import io.stamp.data.DataSource;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.method.JointBackbone;
import io.stamp.method.Settings;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.prune.Budget;
import io.stamp.train.TrainingPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows the whole idea: pretrains a network on reference data, goes on training it together with small networks cut out of"
                    + " it, meta-trains a mask generator, and then compares, on a target data set, the full network with channels"
                    + " that are random, of the largest weights, and the generator's, at the same budget.",
            "A demo that was killed continues where it stopped when the same command is repeated; a finished one starts over."
        })
public final class DemoCommand implements Runnable {
    /** References with fewer classes hold out none unless told to. */
    private static final int MANY_CLASSES = 40;

    private static final String HELD_OUT = "20";

    /** Enough for small networks of a few minutes' training. */
    private static final int FEW_EPISODES = 100;

    @ReadsFile(data = true)
    @Option(
            names = "--reference",
            paramLabel = "D",
            defaultValue = "embedded:reference",
            completionCandidates = Candidates.DataForms.class,
            description = "The reference data to learn from: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private String reference;

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "D",
            defaultValue = "embedded:target-a",
            completionCandidates = Candidates.DataForms.class,
            description = "The target data: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private String data;

    @Option(
            names = "--holdout-classes",
            paramLabel = "SET",
            description =
                    "Reference classes that nothing learns from: a number, or names separated by commas, a slash between"
                            + " blocks A and B (default: 20 if the reference has at least 40, otherwise none).")
    private String holdoutClasses;

    @Option(
            names = "--model",
            paramLabel = NamedNetwork.FORM,
            defaultValue = "resnet20",
            completionCandidates = Candidates.ModelNames.class,
            description = "The network: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(
            names = "--width",
            paramLabel = "W",
            description = "Width factor of --model, if that does not give one (default: 0.5, or 1 if the reference"
                    + " is not embedded).")
    private Double width;

    @Option(
            names = "--budget",
            paramLabel = "macs=F|params=F",
            defaultValue = "macs=0.3",
            description = "The share of the network that may be left (default: ${DEFAULT-VALUE}).")
    private String budget;

    @Option(
            names = "--variants",
            paramLabel = "LIST",
            defaultValue = "full,random,l1,joint:stamp",
            completionCandidates = Candidates.MethodNames.class,
            description =
                    "Methods to compare, as 'prune --method' reads them: ${COMPLETION-CANDIDATES}, or with another"
                            + " allocation such as l1@global or random@stamp; after joint: on the joint backbone (default:"
                            + " ${DEFAULT-VALUE}).")
    private String variants;

    @Option(
            names = "--set",
            paramLabel = "NAME=X",
            description = "Changes a setting of a method, such as best-of-random.candidates=32. May be repeated.")
    private List<String> set = List.of();

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            description = "Passes over the reference data (default: 4, or 40 if the reference is not embedded).")
    private Integer pretrainEpochs;

    @Option(
            names = "--pretrain-rate",
            paramLabel = "R",
            defaultValue = "0.1",
            description = "Peak learning rate of pretraining (default: ${DEFAULT-VALUE}).")
    private double pretrainRate;

    @Option(
            names = "--joint-epochs",
            paramLabel = "N",
            description =
                    "Passes over the reference data of joint training, where a variant begins with joint: (default: 4, or 10"
                            + " if the reference is not embedded).")
    private Integer jointEpochs;

    @Option(
            names = "--joint-rate",
            paramLabel = "R",
            description = "Peak learning rate of joint training (default: " + JointBackbone.RATE + ").")
    private double jointRate = JointBackbone.RATE;

    @Option(
            names = "--search-steps",
            paramLabel = "N",
            description = "Gradient steps of the generator on the target; 0 takes its first mask (default: 20).")
    private Integer searchSteps;

    @Option(
            names = "--sets",
            paramLabel = "N",
            description = "Sets of target images over which the generator's output is averaged (default: 10).")
    private Integer sets;

    @Option(
            names = "--train-epochs",
            paramLabel = "N",
            description =
                    "Passes of every variant over the target data (default: 6, or 40 if the reference is not embedded).")
    private Integer trainEpochs;

    @Option(
            names = "--train-rate",
            paramLabel = "R",
            defaultValue = "0.05",
            description = "Peak learning rate of every variant on the target (default: ${DEFAULT-VALUE}).")
    private double trainRate;

    @Option(
            names = "--distil",
            description =
                    "Let every other variant learn from the trained full network beside the labels; 'full' is then the first"
                            + " of --variants.")
    private boolean distil;

    @Mixin
    private DistillationOptions distillation;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Batch size of both trainings and of the speed measurement (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--measure-seconds",
            paramLabel = "S",
            defaultValue = "1.5",
            description = "Seconds to measure each network, in training and in inference (default: ${DEFAULT-VALUE}).")
    private double measureSeconds;

    @Option(
            names = "--seeds",
            paramLabel = "LIST",
            description =
                    "Several seeds, separated by commas: the demo is repeated in OUT/seed-N for each and summarised.")
    private String seeds;

    @WritesFile(folder = true)
    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "runs/demo",
            description =
                    "Folder for the report and all checkpoints, created if its parent exists (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Mixin
    private InputOption input;

    @Mixin
    private MetaTrainingOptions metaTraining;

    @Mixin
    private GroupsOption groups;

    @Mixin
    private SaveInterval saveInterval;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        try (Backend backend = options.openBackend()) {
            DemoSettings settings = settings(backend.name());
            PrintWriter text = spec.commandLine().getOut();
            Demo demo = new Demo(
                    backend,
                    (seed, configuration, fingerprints) -> options.provenance(backend, configuration, fingerprints)
                            .withSeed(seed),
                    Progress.onStandardError(),
                    text,
                    saveInterval.duration());
            if (seeds == null) {
                options.writeJson(demo.run(settings, out));
                text.println(out.resolve("report.json"));
            } else {
                options.writeJson(demo.run(settings, seedList(), out));
                text.println(out.resolve("summary.json"));
            }
            text.flush();
        }
    }

    private DemoSettings settings(String backend) {
        boolean embedded = DataSource.parse(reference).scheme() == DataSource.Scheme.EMBEDDED;
        long seed = options.seed();
        List<Variant> compared = Variant.parseList(variants);
        Budget limit = Budget.parsePortable(budget);
        NamedNetwork network = NamedNetwork.parse("--model ", model, width, embedded ? 0.5 : 1);
        return new DemoSettings(
                dataOptions.source(reference).toString(),
                dataOptions.source(data).toString(),
                holdoutClasses == null ? usualHoldOut() : holdoutClasses,
                network.name(),
                network.width(),
                input.shape().toString(),
                limit.toString(),
                groups.policy().toString(),
                compared,
                TrainingPlan.of(chosen(pretrainEpochs, embedded ? 4 : 40), batch, pretrainRate, seed),
                TrainingPlan.of(chosen(jointEpochs, embedded ? 4 : JointBackbone.EPOCHS), batch, jointRate, seed),
                GeneratorConfig.DEFAULT,
                metaTraining
                        .config(
                                embedded
                                        ? FEW_EPISODES
                                        : MetaConfig.DEFAULT.outer().episodes())
                        .withBudgetKind(limit.kind())
                        .withSeed(seed),
                methodSettings(compared),
                TrainingPlan.of(chosen(trainEpochs, embedded ? 6 : 40), batch, trainRate, seed),
                distillation.chosen(distil).orElse(null),
                batch,
                Seconds.requirePositive("--measure-seconds", measureSeconds),
                backend,
                seed);
    }

    private String usualHoldOut() {
        return dataOptions.open(reference, input.shape()).classes() >= MANY_CLASSES ? HELD_OUT : "";
    }

    private Settings methodSettings(List<Variant> compared) {
        Settings settings = Settings.parse(set);
        settings.requireKnown(compared.stream().map(Variant::pruner).toList());
        settings = searchSteps == null ? settings : settings.with(ExpectedGate.STEPS, searchSteps);
        return sets == null ? settings : settings.with(ExpectedGate.SETS, sets);
    }

    private static int chosen(Integer option, int usual) {
        return option == null ? usual : option;
    }

    private List<Long> seedList() {
        try {
            List<Long> list = Arrays.stream(seeds.split(",", -1))
                    .map(word -> Long.parseLong(word.strip()))
                    .toList();
            if (list.stream().distinct().count() == list.size()) {
                return list;
            }
        } catch (NumberFormatException e) {
            throw wrongSeeds(e);
        }
        throw wrongSeeds(null);
    }

    private StampException wrongSeeds(Exception cause) {
        return new StampException(
                "--seeds " + seeds + " is not a list of different whole numbers; write --seeds 1,2,3.", cause);
    }
}
