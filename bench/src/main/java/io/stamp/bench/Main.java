package io.stamp.bench;

import io.stamp.bench.cli.FileArguments;
import io.stamp.bench.cli.WordConverter;
import io.stamp.bench.command.CompareCommand;
import io.stamp.bench.command.DemoCommand;
import io.stamp.bench.command.DoctorCommand;
import io.stamp.bench.command.EvalCommand;
import io.stamp.bench.command.ExplainCommand;
import io.stamp.bench.command.ExportCommand;
import io.stamp.bench.command.GpuCheckCommand;
import io.stamp.bench.command.InspectCommand;
import io.stamp.bench.command.JmhCommand;
import io.stamp.bench.command.JointCommand;
import io.stamp.bench.command.LatencyCommand;
import io.stamp.bench.command.MetaTrainCommand;
import io.stamp.bench.command.MethodsCommand;
import io.stamp.bench.command.PeerMemoryCommand;
import io.stamp.bench.command.PeersCommand;
import io.stamp.bench.command.PretrainCommand;
import io.stamp.bench.command.PruneCommand;
import io.stamp.bench.command.SensitivityCommand;
import io.stamp.bench.command.ThroughputCommand;
import io.stamp.bench.command.TrainCommand;
import io.stamp.bench.launch.ChildJvm;
import io.stamp.engine.FailedException;
import io.stamp.engine.KnownProperties;
import io.stamp.engine.KnownProperty;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Build;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line. Results go to standard output, everything else to standard error.
 *
 * <p>Exit codes: 0 all went well; 2 the command line or a file that it names is wrong; 1 the work failed or a check did not hold,
 * because the memory is full, say, or this machine has no such device; one sentence tells what. 70 a bug in this program, with the
 * stack trace to report.
 */
@Command(
        name = "stamp-bench",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes convolutional networks small for the data they are used on, and measures the time saved.",
        subcommands = {
            DemoCommand.class,
            CompareCommand.class,
            PretrainCommand.class,
            JointCommand.class,
            MetaTrainCommand.class,
            PruneCommand.class,
            TrainCommand.class,
            EvalCommand.class,
            ExportCommand.class,
            MethodsCommand.class,
            InspectCommand.class,
            SensitivityCommand.class,
            ExplainCommand.class,
            ThroughputCommand.class,
            LatencyCommand.class,
            PeersCommand.class,
            PeerMemoryCommand.class,
            JmhCommand.class,
            DoctorCommand.class,
            GpuCheckCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "'stamp-bench help COMMAND' explains a command; without a command, 'throughput' runs.",
            "System properties, -Dstamp.NAME=VALUE before -jar or in JDK_JAVA_OPTIONS, are listed by 'doctor'.",
            "Exit codes: 0 success; 1 the work failed or a check did not hold; 2 the command line or an input is wrong;"
                    + " 70 a bug in this program."
        })
public final class Main {
    static final int FAILED = 1;
    static final int WRONG_INPUT = 2;
    static final int INTERNAL_ERROR = 70;

    /** What may stand in the place of a command. */
    private static final List<String> OWN_OPTIONS = List.of("-h", "--help", "-V", "--version");

    /** Set by the launcher, and by those who run the tests. */
    private static final List<KnownProperty> OTHER_PROPERTIES = Stream.of(
                    ChildJvm.PARENT_PROPERTY, "stamp.data", "stamp.test.cuda")
            .map(name -> new KnownProperty(name, "", false))
            .toList();

    private Main() {}

    /** Runs one command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        endWithLauncher();
        System.exit(run(commandLine(), args));
    }

    /** All commands. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        WordConverter.registerAll(commandLine);
        return commandLine
                .setAbbreviatedOptionsAllowed(false)
                .setExecutionStrategy(Main::runChecked)
                .setParameterExceptionHandler((e, _) -> wrongUsage(e))
                .setExecutionExceptionHandler((e, command, _) -> failed(e, command));
    }

    /** Runs one command, the throughput report where none is given, and returns its exit code. */
    static int run(CommandLine commandLine, String... args) {
        try {
            KnownProperties.requireKnown(System.getProperties(), OTHER_PROPERTIES);
            return commandLine.execute(orDefault(args));
        } catch (StampException e) {
            return failed(e, commandLine);
        } catch (OutOfMemoryError e) {
            long gibibytes = Runtime.getRuntime().maxMemory() >> 30;
            PrintWriter err = commandLine.getErr();
            err.println("The memory is full (" + e.getMessage() + ", limit " + gibibytes
                    + " GiB): use a smaller batch, or allow more with java -Xmx.");
            err.flush();
            return FAILED;
        } catch (ExceptionInInitializerError e) {
            // Properties of the JVM become constants of classes, so that a wrong one is found there.
            return failed(e.getCause() instanceof StampException wrong ? wrong : e, commandLine);
        } catch (Error e) {
            return internalError(e, commandLine.getErr());
        }
    }

    /** Who gives no command at all wants to see what this is about, perhaps with options of {@code throughput}. */
    static String[] orDefault(String... args) {
        boolean isCommandGiven = args.length > 0 && (!args[0].startsWith("-") || OWN_OPTIONS.contains(args[0]));
        return isCommandGiven
                ? args
                : Stream.concat(Stream.of("throughput"), Stream.of(args)).toArray(String[]::new);
    }

    /** Files are checked before a command begins, the same for all of them. */
    private static int runChecked(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        try {
            if (!last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
                FileArguments.check(last.commandSpec());
            }
        } catch (StampException e) {
            throw new CommandLine.ExecutionException(last.commandSpec().commandLine(), e.getMessage(), e);
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static int wrongUsage(CommandLine.ParameterException e) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(
                e instanceof CommandLine.UnmatchedArgumentException unmatched ? notUnderstood(unmatched) : sentence(e));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return WRONG_INPUT;
    }

    private static int failed(Throwable e, CommandLine command) {
        if (e instanceof StampException) {
            command.getErr().println(e.getMessage());
            command.getErr().flush();
            return e instanceof FailedException ? FAILED : WRONG_INPUT;
        }
        return internalError(e, command.getErr());
    }

    private static int internalError(Throwable e, PrintWriter err) {
        Build build = Build.current();
        err.println("This is a bug in STAMP " + build.version() + " (" + build.gitId() + ", Java "
                + System.getProperty("java.version") + "), not in your input. Please report it with these lines:");
        e.printStackTrace(err);
        err.flush();
        return INTERNAL_ERROR;
    }

    private static String notUnderstood(CommandLine.UnmatchedArgumentException e) {
        CommandLine command = e.getCommandLine();
        String word = e.getUnmatched().getFirst();
        if (e.isUnknownOption()) {
            return "There is no option '" + word + "' of " + command.getCommandName() + ".";
        }
        return command.getParent() == null
                ? "There is no command '" + word + "'."
                : "The word '" + word + "' behind " + command.getCommandName() + " has no meaning; omit it.";
    }

    private static String sentence(CommandLine.ParameterException e) {
        String message = e.getMessage().replaceFirst("^Error: ", "");
        return message.endsWith(".") ? message : message + ".";
    }

    /** Where the launcher could not become this JVM but waits for it, this JVM must not outlive it, even if it is killed. */
    private static void endWithLauncher() {
        Long launcher = Long.getLong(ChildJvm.PARENT_PROPERTY);
        if (launcher != null) {
            ProcessHandle.of(launcher).ifPresent(handle -> handle.onExit()
                    .thenRun(() -> Runtime.getRuntime().halt(FAILED)));
        }
    }

    /** What {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            Build build = Build.current();
            return new String[] {
                "STAMP " + build.version() + " (" + build.gitId() + ")",
                "Java " + System.getProperty("java.version") + ", " + System.getProperty("java.vendor")
            };
        }
    }
}
