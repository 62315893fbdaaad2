package io.stamp.bench.command;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Hands over to JMH. The JVMs that it forks get the flags of this one. */
@Command(
        name = "jmh",
        synopsisHeading = "",
        customSynopsis = "Usage: stamp-bench jmh [REGEX...] [JMH OPTIONS]",
        description = {
            "Runs the JMH benchmarks of kernels, layers, networks and of the method itself that match REGEX, all of them without.",
            "Beside calls a second, JMH shows what it counts a second: gigaflops (multiply-accumulates of convolutions and products),"
                    + " gigabytes (if everything were touched once), and roofline, the share of what the machine could reach, measured"
                    + " in the same JVM.",
            "",
            "For example:",
            "  jmh -l                                               the list",
            "  jmh Convolution.*forward -p size=32x32x32x6x6x3x1    one of them, one shape",
            "  jmh Network -p network=resnet20:0.4 -p threads=1     on one thread",
            "  jmh Stamp -rf json -rff stamp.json                   results as JSON",
            "  jmh -h                                               JMH's own options"
        })
public final class JmhCommand implements Runnable {
    @Option(names = "--help", usageHelp = true, description = "Shows this help.")
    private boolean help;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public void run() {
        try {
            obey(new CommandLineOptions(arguments.toArray(String[]::new)));
        } catch (CommandLineOptionException e) {
            throw new StampException("JMH does not understand its options: " + e.getMessage() + ".", e);
        } catch (NoBenchmarksException e) {
            throw new StampException("No benchmark matches " + arguments + "; 'jmh -l' lists them.", e);
        } catch (RunnerException e) {
            throw new StampException("JMH stopped: " + e.getMessage().replaceFirst("\\.$", "") + ".", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What JMH's own main method does, except that this one throws. */
    private static void obey(CommandLineOptions options) throws RunnerException, IOException {
        Runner runner = new Runner(options);
        if (options.shouldHelp()) {
            options.showHelp();
        } else if (options.shouldList()) {
            runner.list();
        } else if (options.shouldListWithParams()) {
            runner.listWithParams(options);
        } else if (options.shouldListProfilers()) {
            options.listProfilers();
        } else if (options.shouldListResultFormats()) {
            options.listResultFormats();
        } else {
            new Runner(strict(options)).run();
        }
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
