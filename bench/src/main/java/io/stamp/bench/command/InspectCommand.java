package io.stamp.bench.command;

import io.stamp.bench.cli.Candidates;
import io.stamp.bench.cli.InputOption;
import io.stamp.bench.cli.JsonOption;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.inspect.Inspection;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.model.Models;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a checkpoint or a network consists of. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description =
                "Shows layers, parameters, MACs and channel groups of a network or a checkpoint, and where a checkpoint"
                        + " comes from.")
public final class InspectCommand implements Runnable {
    @ReadsFile
    @Parameters(
            paramLabel = "FILE|" + NamedNetwork.FORM,
            completionCandidates = Candidates.ModelNames.class,
            description = "A checkpoint, or the name of a network: ${COMPLETION-CANDIDATES}.")
    private String subject;

    @Option(names = "--width", paramLabel = "W", description = "Width factor of a named network (default: 1).")
    private Double width;

    @Option(names = "--classes", paramLabel = "N", description = "Classes of a named network (default: 10).")
    private Integer classes;

    @Mixin
    private InputOption input;

    @Mixin
    private JsonOption json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Inspection inspection = inspect();
        PrintWriter out = spec.commandLine().getOut();
        inspection.lines().forEach(out::println);
        out.flush();
        json.write(inspection.report());
    }

    private Inspection inspect() {
        boolean isNamed = Models.names().contains(subject.replaceFirst(":.*", ""));
        if (isNamed) {
            NamedNetwork named = NamedNetwork.parse("", subject, width, 1);
            return Inspection.of(input.on(
                    Models.create(named.name(), classes == null ? NamedNetwork.CLASSES : classes, named.width())));
        }
        Path file = Path.of(subject);
        if (!Files.exists(file)) {
            throw new StampException("There is neither a file nor a model '" + subject + "'; the models are "
                    + String.join(", ", Models.names()) + ".");
        }
        if (width != null || classes != null || input.isGiven()) {
            throw new StampException("--width, --classes and --input belong to a named network; the file " + subject
                    + " has its own, so omit them.");
        }
        return Inspection.of(Checkpoint.load(file));
    }
}
