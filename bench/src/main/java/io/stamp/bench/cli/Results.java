package io.stamp.bench.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** The end of every command: its result for people on standard output, and for programs where {@code --json} says. */
public final class Results {
    private Results() {}

    public static void print(CommandSpec spec, CommonOptions options, List<String> lines, Object report) {
        PrintWriter out = spec.commandLine().getOut();
        lines.forEach(out::println);
        out.flush();
        options.writeJson(report);
    }
}
