package io.stamp.bench.command;

import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.cli.OutputFile;
import io.stamp.bench.inspect.MachineReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what of this machine STAMP can use. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Tells what of this machine STAMP can use: JVM, processor, vector width, memory, and the backends"
                + " with the reason why or why not.")
public final class DoctorCommand implements Runnable {
    @Option(names = "--json", paramLabel = "FILE", description = "Also write the result to FILE, as one JSON object.")
    private Path json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (json != null) {
            OutputFile.requireWritable(json);
        }
        MachineReport report = MachineReport.collect();
        PrintWriter out = spec.commandLine().getOut();
        report.lines().forEach(out::println);
        out.flush();
        if (json != null) {
            JsonFile.write(json, report);
        }
    }
}
