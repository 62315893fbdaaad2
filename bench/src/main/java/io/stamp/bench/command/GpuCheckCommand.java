package io.stamp.bench.command;

import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.gpu.GpuCheck;
import io.stamp.bench.gpu.ReportTables;
import io.stamp.engine.StampException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks and measures the backend {@code cuda} on this machine. */
@Command(
        name = "gpu-check",
        mixinStandardHelpOptions = true,
        description = {
            "Checks the backend cuda on this machine's GPU and measures it: the op suite against the backend reference, a leak"
                    + " test, then networks, PyTorch where it is installed, single kernels and inner steps, each against ceilings measured"
                    + " in the same run.",
            "Results go to one JSON file, the most important first; it is rewritten after each."
        })
public final class GpuCheckCommand implements Runnable {
    /** Names for the help. */
    static final class PartNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return GpuCheck.partNames().iterator();
        }
    }

    @WritesFile
    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "gpu-check.json",
            description = "The report (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "9",
            description = "Minutes; starts no new part after this time (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--parts",
            paramLabel = "PART",
            split = ",",
            completionCandidates = PartNames.class,
            description = "Run only these parts: ${COMPLETION-CANDIDATES} (default: all, in this order).")
    private List<String> parts = GpuCheck.partNames();

    @Option(names = "--tiny", description = "Run everything once at the smallest sizes, to see that it works.")
    private boolean tiny;

    @ReadsFile
    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            defaultValue = "python3",
            description = "Python interpreter with PyTorch, to compare with (default: ${DEFAULT-VALUE}).")
    private String python;

    @ReadsFile
    @Option(
            names = "--tables",
            paramLabel = "FILE",
            split = ",",
            description = "Measures nothing: prints the results in these reports, taken together, as Markdown tables.")
    private List<Path> tables = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter printed = spec.commandLine().getOut();
        if (!tables.isEmpty()) {
            ReportTables.of(tables).forEach(printed::println);
            printed.flush();
            return;
        }
        for (String part : parts) {
            if (!GpuCheck.partNames().contains(part)) {
                throw new StampException("There is no part '" + part + "'; choose from "
                        + String.join(", ", GpuCheck.partNames()) + ".");
            }
        }
        if (!(minutes > 0 && minutes <= 24 * 60)) {
            throw new StampException("--minutes is " + minutes + "; give a positive number.");
        }
        Duration time = Duration.ofMillis(Math.round(minutes * 60_000));
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        GpuCheck.Request request = new GpuCheck.Request(out, time, parts, tiny, python);
        List<String> lines = GpuCheck.run(request, arguments, Progress.onStandardError());
        lines.forEach(printed::println);
        printed.flush();
    }
}
