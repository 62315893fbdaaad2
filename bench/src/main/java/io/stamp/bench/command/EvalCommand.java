package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.DataOptions;
import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.Results;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.model.ModelFile;
import io.stamp.train.Evaluator;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tests a saved network. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description =
                "Reports the test accuracy of a saved network, full or compacted. Classes that a backbone was pretrained without"
                        + " are left out.")
public final class EvalCommand implements Runnable {
    @ReadsFile
    @Option(names = "--checkpoint", paramLabel = "FILE", required = true, description = "The network to test.")
    private Path checkpoint;

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            completionCandidates = Candidates.DataForms.class,
            description = "The data whose test split is used: ${COMPLETION-CANDIDATES}.")
    private String data;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    /**
     * What {@code eval} reports.
     *
     * @param testAccuracy share of the test images that the network gets right
     * @param input the images that the network takes
     * @param conversion what was done to the stored images to make them such; null where nothing was
     * @param trainedOn the data that the checkpoint was trained on; null where it does not tell
     * @param sameClasses whether that data's classes have the same names in the same order; null where the checkpoint does not tell
     */
    private record Report(
            double testAccuracy,
            int testImages,
            int classes,
            String checkpoint,
            String data,
            String input,
            String conversion,
            String trainedOn,
            Boolean sameClasses,
            String model,
            long parameters,
            long macs,
            Provenance provenance) {
        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(model + " on " + input + ", " + Numbers.count(parameters) + " parameters, "
                    + Numbers.millions(macs) + " MACs an image");
            if (conversion != null) {
                lines.add("images of " + data + " " + conversion);
            }
            lines.add("test accuracy " + Numbers.percent(testAccuracy) + " on " + Numbers.count(testImages)
                    + " images of " + classes + " classes");
            return lines;
        }
    }

    @Override
    public void run() {
        Checkpoint stored = Checkpoint.load(checkpoint);
        DataSets all = dataOptions.open(data, ModelFile.network(stored).input());
        try (Backend backend = options.openBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.of(checkpoint, stored, backend);
            DataSets sets = classesOf(file, all);
            Optional<DataDescription> trainedOn = file.data();
            trainedOn.ifPresent(own -> warnOfOtherClasses(own, sets));
            Normalisation normalisation =
                    trainedOn.map(DataDescription::normalisation).orElseGet(sets::normalisation);
            ImageSet test = sets.test();
            double accuracy = Evaluator.accuracy(backend, file.model(), test, normalisation);
            Network network = file.model().network();
            Network.Trace trace = network.trace();
            Provenance provenance = options.provenance(
                    backend,
                    Map.of("checkpointSha256", FileHash.sha256(checkpoint)),
                    Map.of(sets.source() + " test", test.fingerprint()));
            Report report = new Report(
                    accuracy,
                    test.size(),
                    sets.classes(),
                    checkpoint.toString(),
                    sets.source(),
                    sets.input().toString(),
                    sets.conversion().orElse(null),
                    trainedOn.map(DataDescription::source).orElse(null),
                    trainedOn
                            .map(own -> own.classNames().equals(sets.classNames()))
                            .orElse(null),
                    network.model(),
                    trace.parameterCount(),
                    trace.multiplyAccumulates(),
                    provenance);
            Results.print(spec, options, report.lines(), report);
        }
    }

    /** The classes among those of {@code all} that the network tells apart. */
    private DataSets classesOf(ModelFile file, DataSets all) {
        int classes = file.model().network().classes();
        DataSets sets = seenBy(file, all);
        if (sets.classes() != classes) {
            throw new StampException(checkpoint + " tells " + classes + " classes apart, but " + data + " has "
                    + all.classes() + "; train it on that data first.");
        }
        return sets;
    }

    /** Another split or number of images is no other data: what counts is that a logit means what the label says. */
    private void warnOfOtherClasses(DataDescription trainedOn, DataSets sets) {
        List<String> learnt = trainedOn.classNames();
        List<String> shown = sets.classNames();
        if (learnt.equals(shown)) {
            return;
        }
        int label = IntStream.range(0, shown.size())
                .filter(i -> i >= learnt.size() || !learnt.get(i).equals(shown.get(i)))
                .findFirst()
                .orElse(0);
        PrintWriter err = spec.commandLine().getErr();
        err.println("Warning: " + checkpoint + " was trained on " + trainedOn.source() + " (class " + label + " is '"
                + (label < learnt.size() ? learnt.get(label) : "") + "'), this is " + sets.source() + " (class " + label
                + " is '" + shown.get(label)
                + "'): the classes mean something else, so train it on this data before its accuracy counts.");
        err.flush();
    }

    /** Without the classes that a backbone holds out, where these are the data that it was pretrained on. */
    static DataSets seenBy(ModelFile file, DataSets all) {
        return isReferenceOf(file, all) ? file.holdOut().kept(all) : all;
    }

    /** Whether a backbone was pretrained on these classes without those that it holds out. */
    private static boolean isReferenceOf(ModelFile file, DataSets all) {
        HoldOut holdOut = file.holdOut();
        Optional<List<String>> seen = file.data().map(DataDescription::classNames);
        return !holdOut.isEmpty()
                && seen.isPresent()
                && seen.get().size() + holdOut.ids().size() == all.classes()
                && seen.get().equals(holdOut.kept(all).classNames());
    }
}
