package io.stamp.bench.command;

import io.stamp.bench.cli.FurtherOutputs;
import io.stamp.bench.jmh.harness.BenchmarkPlan;
import io.stamp.bench.jmh.harness.ReadableFormat;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.Defaults;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Hands over to JMH. The JVMs that it forks get the flags of this one. */
@Command(
        name = "jmh",
        synopsisHeading = "",
        customSynopsis = "Usage: stamp-bench jmh [REGEX...] [JMH OPTIONS]",
        description = {
            "Runs the JMH benchmarks of kernels, layers, networks and of the method itself that match REGEX, or all of them,"
                    + " which takes hours. The first line says about how long it will take.",
            "Besides calls per second the table has GFLOP/s (multiply-accumulates of convolutions and GEMMs), GB/s (if everything"
                    + " were touched once), what the machine could reach of each, measured in the same JVM, and the share of"
                    + " that roofline.",
            "-p threads=N sets the engine's threads, 0 meaning all processors; JMH's own -t stays at 1. Sizes have an x between"
                    + " their numbers, networks are NAME or NAME:WIDTH, and a comma separates several values.",
            "",
            "For example:",
            "  jmh -l                                               the list; -lp with their parameters",
            "  jmh Convolution.*forward -p size=32x32x32x6x6x3x1    one of them, one shape",
            "  jmh Network -p network=resnet20:0.4 -p threads=1     on one thread",
            "  jmh Network -wi 1 -i 2 -r 1                          shorter: fewer and shorter iterations",
            "  jmh Stamp -rf json -rff stamp.json                   results as JSON",
            "  jmh -h                                               JMH's own options"
        })
public final class JmhCommand implements Runnable, FurtherOutputs {
    @Option(names = "--help", usageHelp = true, description = "Shows this help.")
    private boolean help;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Map<String, Path> furtherOutputs() {
        Map<String, Path> files = new LinkedHashMap<>();
        try {
            CommandLineOptions options = new CommandLineOptions(arguments.toArray(String[]::new));
            addIfGiven(files, "-o", options.getOutput());
            addIfGiven(files, "-rff", options.getResult());
        } catch (CommandLineOptionException e) {
            // Said by the run itself, which begins with the same options.
        }
        return files;
    }

    private static void addIfGiven(Map<String, Path> files, String option, org.openjdk.jmh.util.Optional<String> file) {
        if (file.hasValue()) {
            files.put(option, Path.of(file.get()));
        }
    }

    @Override
    public void run() {
        try {
            obey(new CommandLineOptions(arguments.toArray(String[]::new)));
        } catch (CommandLineOptionException e) {
            throw new StampException("JMH does not understand its options: " + e.getMessage() + ".", e);
        } catch (RunnerException e) {
            String why = reason(e).map(Throwable::getMessage).orElse(e.getMessage());
            throw new FailedException("JMH stopped: " + why.replaceFirst("\\.$", "") + ".", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What JMH's own main method does, except that this one throws. */
    private void obey(CommandLineOptions options) throws RunnerException, IOException {
        BenchmarkPlan.requireExpressions(options);
        if (options.shouldHelp()) {
            options.showHelp();
        } else if (options.shouldList()) {
            new Runner(options).list();
        } else if (options.shouldListWithParams()) {
            new Runner(options).listWithParams(options);
        } else if (options.shouldListProfilers()) {
            options.listProfilers();
        } else if (options.shouldListResultFormats()) {
            options.listResultFormats();
        } else {
            run(options);
        }
    }

    private void run(CommandLineOptions options) throws RunnerException, IOException {
        if (options.getThreads().orElse(1) != 1) {
            throw new StampException("-t would call one engine from several threads; give its own with -p threads=N.");
        }
        BenchmarkPlan plan = BenchmarkPlan.of(options, parameterNames());
        VerboseMode verbosity = options.verbosity().orElse(Defaults.VERBOSITY);
        OutputFormat text = OutputFormatFactory.createFormatInstance(output(options), verbosity);
        text.println("# " + plan.announcement());
        boolean isSilent = verbosity == VerboseMode.SILENT;
        new Runner(strict(options), isSilent ? text : new ReadableFormat(text)).run();
    }

    private static PrintStream output(CommandLineOptions options) throws IOException {
        return options.getOutput().hasValue()
                ? new PrintStream(options.getOutput().get(), StandardCharsets.UTF_8)
                : System.out;
    }

    /** The names behind {@code -p}, written {@code -p name=values} or {@code -pname=values}. */
    private List<String> parameterNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-p") && i + 1 < arguments.size()) {
                names.add(arguments.get(i + 1).replaceFirst("=.*", ""));
            } else if (argument.matches("-p\\w+=.*")) {
                names.add(argument.substring(2).replaceFirst("=.*", ""));
            }
        }
        return names;
    }

    /** What the benchmark threw, somewhere below what JMH throws. */
    private static Optional<StampException> reason(Throwable thrown) {
        if (thrown == null) {
            return Optional.empty();
        }
        if (thrown instanceof StampException reason) {
            return Optional.of(reason);
        }
        return Stream.concat(Stream.ofNullable(thrown.getCause()), Stream.of(thrown.getSuppressed()))
                .flatMap(below -> reason(below).stream())
                .findFirst();
    }

    /** Unless told otherwise a benchmark that fails is an error rather than a line among others, and what is run again and again logs nothing. */
    static Options strict(CommandLineOptions options) {
        List<String> arguments = new ArrayList<>(options.getJvmArgsPrepend().orElse(List.of()));
        arguments.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        return new OptionsBuilder()
                .parent(options)
                .shouldFailOnError(options.shouldFailOnError().orElse(true))
                .jvmArgsPrepend(arguments.toArray(String[]::new))
                .build();
    }
}
