package io.stamp.bench.cli;

import io.stamp.data.DataSource;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The one rule for all commands about the files on the command line, checked before any work: every output can be written, as far as that
 * can be known then, its folder is there, and no output is an input or another output of the same command, whatever name or link leads
 * to it. Options are told apart by {@link ReadsFile} and {@link WritesFile}.
 */
public final class FileArguments {
    private final List<Input> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();

    /** @param option how messages name it: {@code --checkpoint} */
    private record Input(String option, Path path) {}

    /**
     * @param option how messages name it: {@code --json}
     * @param named whether the user gave the name: a folder of the program's own choice is created where it is missing
     */
    private record Output(String option, Path path, boolean folder, boolean named) {}

    private FileArguments(CommandSpec command) {
        for (ArgSpec argument : command.args()) {
            AnnotatedElement field = (AnnotatedElement) argument.userObject();
            WritesFile writes = field.getAnnotation(WritesFile.class);
            if (writes != null) {
                boolean named = argument instanceof OptionSpec option
                        && command.commandLine().getParseResult().hasMatchedOption(option);
                values(argument)
                        .map(value -> new Output(name(argument), (Path) value, writes.folder(), named))
                        .forEach(outputs::add);
            }
            ReadsFile reads = field.getAnnotation(ReadsFile.class);
            if (reads != null) {
                values(argument)
                        .flatMap(value -> reads.data() ? folder(value).stream() : Stream.of(Path.of(value.toString())))
                        .map(path -> new Input(name(argument), path))
                        .forEach(inputs::add);
            }
        }
        if (command.userObject() instanceof FurtherOutputs more) {
            more.furtherOutputs().forEach((what, path) -> outputs.add(new Output(what, path, false, true)));
        }
    }

    /**
     * Checks the files that a parsed command names.
     *
     * @throws StampException where one of them cannot be written or would replace another one
     */
    public static void check(CommandSpec command) {
        FileArguments files = new FileArguments(command);
        for (int i = 0; i < files.outputs.size(); i++) {
            Output output = files.outputs.get(i);
            requireWritable(output);
            files.inputs.forEach(input -> requireApart(output, input));
            files.outputs.subList(0, i).forEach(other -> requireApart(other, output));
        }
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static Stream<?> values(ArgSpec argument) {
        return switch (argument.getValue()) {
            case Collection<?> several -> several.stream();
            case Map<?, ?> named -> named.values().stream();
            case null, default -> Stream.ofNullable(argument.getValue());
        };
    }

    /** The folder of data that is not embedded. */
    private static Optional<Path> folder(Object data) {
        DataSource source = DataSource.parse(data.toString());
        return source.scheme() == DataSource.Scheme.EMBEDDED
                ? Optional.empty()
                : Optional.of(Path.of(source.argument()));
    }

    private static void requireWritable(Output output) {
        Path path = output.path;
        Path absolute = path.toAbsolutePath();
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new StampException(
                    "Cannot write " + path + ": it is a link to nothing; remove the link or choose" + " another name.");
        }
        if (Files.isDirectory(path) != output.folder && Files.exists(path)) {
            throw new StampException(
                    output.folder
                            ? "Cannot write into " + path + ": it is not a folder; name another one."
                            : "Cannot write " + path + ": a folder has that name; give a file name.");
        }
        if (output.folder ? Files.exists(path) : Files.exists(path) && !Files.isRegularFile(path)) {
            requireWritable(path, path);
            return;
        }
        Path folder = real(absolute).getParent();
        while (!output.named && folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new StampException("Cannot write " + path + ": there is no folder " + absolute.getParent()
                    + "; create it, or correct the name.");
        }
        requireWritable(path, folder);
    }

    private static void requireWritable(Path path, Path place) {
        if (!Files.isWritable(place)) {
            throw new StampException(
                    "Cannot write " + path + ": no permission to write in " + place + "; choose another place.");
        }
    }

    private static void requireApart(Output output, Input input) {
        boolean inFolder = Files.isDirectory(input.path)
                && Files.exists(output.path)
                && real(output.path).startsWith(real(input.path));
        if (inFolder || isSame(output.path, input.path)) {
            throw new StampException("Cannot write " + output.path + " (" + output.option + "): this command reads "
                    + (inFolder ? "what is in that folder" : "that file") + " (" + input.option
                    + "); choose another name for its result.");
        }
    }

    private static void requireApart(Output first, Output second) {
        boolean nested = first.folder && real(second.path).startsWith(real(first.path))
                || second.folder && real(first.path).startsWith(real(second.path));
        if (nested || isSame(first.path, second.path)) {
            throw new StampException("Cannot write " + second.path + " (" + second.option + "): "
                    + (nested ? "that folder belongs to " : "the same file is written by ") + first.option
                    + "; choose another name for one of them.");
        }
    }

    /** Devices and pipes take any number of results; files may have several names. */
    private static boolean isSame(Path first, Path second) {
        try {
            boolean both = Files.exists(first) && Files.exists(second);
            if (both && !Files.isRegularFile(first) && !Files.isDirectory(first)) {
                return false;
            }
            return both ? Files.isSameFile(first, second) : real(first).equals(real(second));
        } catch (IOException e) {
            throw new StampException("Cannot read " + second + ": " + e.getMessage() + ".", e);
        }
    }

    /** Where a path leads, all links followed, whether or not its last parts exist. */
    private static Path real(Path path) {
        Path absolute = path.toAbsolutePath();
        if (!Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            Path parent = absolute.getParent();
            return parent == null
                    ? absolute
                    : real(parent).resolve(absolute.getFileName()).normalize();
        }
        try {
            return absolute.toRealPath();
        } catch (IOException e) {
            // A link to nothing, which is refused before anything is written there.
            return absolute;
        }
    }
}
