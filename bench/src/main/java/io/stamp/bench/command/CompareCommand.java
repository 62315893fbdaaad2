package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.ComputeOptions;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.SaveInterval;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.compare.Comparison;
import io.stamp.bench.compare.Experiment;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Methods against each other. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Compares methods at several budgets, on several targets and networks, over seeds, as a YAML file says, and reports"
                    + " what is there.",
            "Every cell is computed once and kept in --out: the same command continues an interrupted comparison, several"
                    + " processes may work on one folder at the same time, and an experiment with more in it computes only that."
        })
public final class CompareCommand implements Runnable {
    @ReadsFile
    @Parameters(paramLabel = "EXPERIMENT", description = "The YAML file, such as experiments/demo.yaml.")
    private Path experiment;

    @WritesFile(folder = true)
    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of all results, created if its parent exists.")
    private Path out;

    @ReadsFile(data = true)
    @Option(
            names = "--data",
            paramLabel = "NAME=DATA",
            completionCandidates = Candidates.DataForms.class,
            description =
                    "Reads one of the experiment's data from elsewhere: ${COMPLETION-CANDIDATES}. May be repeated.")
    private Map<String, String> data = Map.of();

    @Option(names = "--report", description = "Computes nothing, and reports what is there.")
    private boolean report;

    @Option(
            names = "--timed",
            description =
                    "Also measures how long every method takes, each alone on the machine: other processes on this folder"
                            + " wait meanwhile. See to it that nothing else runs.")
    private boolean timed;

    @Option(names = "--retry", description = "Tries cells again that have failed.")
    private boolean retry;

    @Mixin
    private SaveInterval saveInterval;

    @Mixin
    private ComputeOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Comparison comparison =
                new Comparison(Experiment.read(experiment).withData(data), out, Progress.onStandardError(), System.err);
        PrintWriter text = spec.commandLine().getOut();
        if (!report) {
            comparison.run(
                    options::openBackend,
                    options::provenance,
                    saveInterval.duration(),
                    new Comparison.Wishes(timed, retry));
        }
        options.writeJson(comparison.report(text));
        text.flush();
    }
}
