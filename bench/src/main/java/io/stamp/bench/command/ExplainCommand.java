package io.stamp.bench.command;

import io.stamp.bench.cli.JsonOption;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.inspect.MaskOverlap;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.method.PruningDetails;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What tells two small networks apart. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Shows which channels of one backbone two compacted networks have kept, A and B: those that only one of them keeps,"
                        + " how many they share, and how many two random masks of the same widths would share.")
public final class ExplainCommand implements Runnable {
    @ReadsFile
    @Parameters(index = "0", paramLabel = "FILE_A", description = "A compacted network.")
    private Path first;

    @ReadsFile
    @Parameters(index = "1", paramLabel = "FILE_B", description = "Another one of the same backbone.")
    private Path second;

    @Mixin
    private JsonOption json;

    @Spec
    private CommandSpec spec;

    /**
     * What the command found.
     *
     * @param first a file
     * @param firstMethod what chose its channels
     * @param backbone fingerprint of the network that both come from
     */
    private record Report(
            String first,
            String firstMethod,
            String second,
            String secondMethod,
            String backbone,
            MaskOverlap overlap) {}

    @Override
    public void run() {
        PruningDetails one = PruningDetails.of(Checkpoint.load(first));
        PruningDetails other = PruningDetails.of(Checkpoint.load(second));
        if (!one.backbone().equals(other.backbone())) {
            throw new StampException(
                    first + " and " + second
                            + " were made of different backbones, so that their channels are not the same; give two of one backbone.");
        }
        MaskOverlap overlap = MaskOverlap.of(one, other);
        PrintWriter out = spec.commandLine().getOut();
        out.println("A is " + first + ", pruned by " + one.method());
        out.println("B is " + second + ", pruned by " + other.method());
        out.println();
        overlap.lines().forEach(out::println);
        out.flush();
        json.write(
                new Report(first.toString(), one.method(), second.toString(), other.method(), one.backbone(), overlap));
    }
}
