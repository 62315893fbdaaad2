package io.stamp.bench.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.DistillationOptions;
import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.FurtherOutputs;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Results;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.bench.cli.TrainingOptions;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.training.TrainingJob;
import io.stamp.bench.training.TrainingReport;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.train.Distillation;
import io.stamp.train.Teacher;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a saved network further, full or compacted. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description =
                "Trains a saved network, full or compacted, on a data set. If the classes are different, the network gets a"
                        + " new last layer.")
public final class TrainCommand implements Runnable, FurtherOutputs {
    private static final Logger LOG = LoggerFactory.getLogger(TrainCommand.class);

    @ReadsFile
    @Option(names = "--checkpoint", paramLabel = "FILE", required = true, description = "The network to start from.")
    private Path checkpoint;

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            completionCandidates = Candidates.DataForms.class,
            description = "The data to train on: ${COMPLETION-CANDIDATES}.")
    private String data;

    @ReadsFile
    @Option(
            names = "--distil",
            paramLabel = "FILE",
            description =
                    "A network that has learnt this data, usually a larger one: what it says about each image is learnt"
                            + " beside the labels (default: labels alone).")
    private Path distil;

    @Mixin
    private DistillationOptions distillation;

    @WritesFile
    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The checkpoint to write (default: beside the input, with '-trained' appended to its name).")
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
        Map<String, Path> files = new LinkedHashMap<>(SaveInterval.furtherOutput(target()));
        if (out == null) {
            files.put("the trained network", target());
        }
        return files;
    }

    @Override
    public void run() {
        Optional<Distillation> learning = distillation.chosen(distil != null);
        Path target = target();
        Checkpoint stored = Checkpoint.load(checkpoint);
        DataSets sets = dataOptions.open(data, ModelFile.network(stored).input());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.of(checkpoint, stored, backend);
            Model start = forClassesOf(sets, file);
            TrainingJob job = new TrainingJob(
                    backend,
                    sets,
                    training.plan(options.seed()),
                    "train " + FileHash.sha256(checkpoint),
                    learning.map(how -> teacher(how, backend, sets, start)),
                    target,
                    training.saveEvery());
            Map<String, Object> configuration = job.configuration();
            configuration.put("checkpoint", checkpoint.toString());
            learning.ifPresent(_ -> configuration.put("distil", distil.toString()));
            Provenance provenance = options.provenance(backend, configuration, job.fingerprints());
            ObjectNode details = file.details();
            // The trained network may see every class of its new data.
            details.remove(List.of(ModelFile.HOLD_OUT));
            TrainingReport report = job.run(start, file.kind(), provenance, details);
            Results.print(spec, options, report.lines(), report);
        }
    }

    private Model forClassesOf(DataSets sets, ModelFile file) {
        boolean otherNames = file.data()
                .map(DataDescription::classNames)
                .filter(names -> !names.equals(sets.classNames()))
                .isPresent();
        if (!otherNames && file.model().network().classes() == sets.classes()) {
            return file.model();
        }
        LOG.info("new linear layer for the {} classes of {}", sets.classes(), sets.source());
        return file.model().withNewHead(sets.classes(), options.seed());
    }

    private Teacher teacher(Distillation how, Backend backend, DataSets sets, Model student) {
        ModelFile file = ModelFile.load(distil, backend);
        file.data().map(DataDescription::classNames).ifPresent(names -> {
            if (!names.equals(sets.classNames())) {
                throw new StampException(distil + " has learnt other classes than those of " + sets.source()
                        + "; give --distil a network that was trained on this data.");
            }
        });
        Teacher teacher = new Teacher(file.model(), how);
        try {
            teacher.requireFits(student.network());
        } catch (StampException e) {
            throw new StampException(distil + ": " + e.getMessage(), e);
        }
        return teacher;
    }

    private Path target() {
        return out != null ? out : Path.of(checkpoint.toString().replaceFirst("(?<=[^/])(\\.[^./]*)?$", "-trained$1"));
    }
}
