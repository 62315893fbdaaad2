package io.stamp.bench.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FurtherOutputs;
import io.stamp.bench.cli.GroupsOption;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.bench.cli.WritesFile;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.meta.JointTraining;
import io.stamp.method.JointBackbone;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.ModelFingerprint;
import io.stamp.train.Evaluator;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a backbone that stays good without channels. */
@Command(
        name = "joint",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Trains a pretrained network on, on its reference data, so that it stays good when channels are removed: the weights"
                    + " of STAMP-Joint.",
            "What it writes is a backbone like any other, for 'meta-train' and 'prune'; every way of choosing channels gains by it."
        })
public final class JointCommand implements Runnable, FurtherOutputs {
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
            names = "--epochs",
            paramLabel = "E",
            defaultValue = "" + JointBackbone.EPOCHS,
            description = "Passes over the reference data (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "" + JointBackbone.BATCH,
            description = "Batch size (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "" + JointBackbone.RATE,
            description = "Peak learning rate, after a warm-up and before a cosine decay (default: ${DEFAULT-VALUE}).")
    private double rate;

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

    /** What the command found, for {@code --json}; accuracies are of the whole network on the reference's test images. */
    private record Report(
            double accuracyBefore, double accuracy, double loss, double seconds, String out, Provenance provenance) {}

    @Override
    public Map<String, Path> furtherOutputs() {
        return SaveInterval.furtherOutput(out);
    }

    @Override
    public void run() {
        Checkpoint stored = Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE);
        DataSets all = dataOptions.open(data, ModelFile.network(stored).input());
        TrainingPlan plan = TrainingPlan.of(epochs, batch, rate, options.seed());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.of(backbone, stored, backend);
            HoldOut holdOut = file.requireHoldOut(Optional.empty(), all.classNames());
            DataSets reference = holdOut.kept(all);
            file.requireClasses(reference);
            JointTraining joint = JointBackbone.training(file.model(), groups.policy(), plan);
            ResumeFile resume = ResumeFile.at(
                    SaveInterval.resumeFile(out),
                    "joint training of " + ModelFingerprint.of(file.model()) + " on "
                            + reference.train().fingerprint() + "; " + groups.policy() + "; " + plan + "; backend "
                            + backend.name(),
                    saveInterval.duration());
            Trainer.Data images =
                    new Trainer.Data(reference.train(), reference.normalisation(), reference.augmentation());
            Trainer.Trained trained = joint.train(file.model(), images, Progress.onStandardError(), resume);
            Provenance provenance = provenance(backend, reference, holdOut, plan);
            save(trained.model(), reference, holdOut, provenance);
            resume.finish();
            tell(file.model(), trained, reference, provenance);
        }
    }

    private Provenance provenance(Backend backend, DataSets reference, HoldOut holdOut, TrainingPlan plan) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("backbone", backbone.toString());
        configuration.put("data", data);
        configuration.put("input", reference.input().toString());
        configuration.put("holdoutClasses", holdOut.toString());
        configuration.put("groups", groups.policy().toString());
        configuration.put("epochs", plan.epochs());
        configuration.put("batch", plan.batch());
        configuration.put("rate", plan.rate());
        return options.provenance(
                backend,
                configuration,
                Map.of(reference.source() + " train", reference.train().fingerprint()));
    }

    private void save(Model model, DataSets reference, HoldOut holdOut, Provenance provenance) {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(reference).toJson());
        if (!holdOut.isEmpty()) {
            details.set(ModelFile.HOLD_OUT, holdOut.toJson());
        }
        ModelFile.save(out, model, Checkpoint.Kind.BACKBONE, provenance, details);
    }

    private void tell(Model before, Trainer.Trained trained, DataSets reference, Provenance provenance) {
        Report report = new Report(
                accuracy(before, reference),
                accuracy(trained.model(), reference),
                trained.loss(),
                trained.seconds(),
                out.toString(),
                provenance);
        PrintWriter text = spec.commandLine().getOut();
        text.printf(
                "trained on for %d epochs in %s s; the whole network's test accuracy on the reference went from %s to %s%n",
                epochs,
                Numbers.rate(report.seconds),
                Numbers.percent(report.accuracyBefore),
                Numbers.percent(report.accuracy));
        text.println(out);
        text.flush();
        options.writeJson(report);
    }

    private static double accuracy(Model model, DataSets reference) {
        return Evaluator.accuracy(model.backend(), model, reference.test(), reference.normalisation());
    }
}
