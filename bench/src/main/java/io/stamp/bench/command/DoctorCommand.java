package io.stamp.bench.command;

import io.stamp.bench.cli.JsonOption;
import io.stamp.bench.inspect.MachineReport;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what of this machine STAMP can use. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Reports what STAMP can use on this machine: JVM, processor, vector width, memory, for each backend"
                        + " whether it works and why, and the system properties that can be set.")
public final class DoctorCommand implements Runnable {
    @Mixin
    private JsonOption json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        MachineReport report = MachineReport.collect();
        PrintWriter out = spec.commandLine().getOut();
        report.lines().forEach(out::println);
        out.flush();
        json.write(report);
    }
}
