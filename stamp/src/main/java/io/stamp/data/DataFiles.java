package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finding and reading the files of a data set, with messages that say which files were looked for. */
final class DataFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);
    /** Files and classes that a message names; it counts the others. */
    static final int NAMED = 10;

    private DataFiles() {}

    /**
     * The directory that holds a data set: {@code directory} itself or its child {@code nested} where that exists.
     *
     * @param expected the files a user should see there, for the message
     */
    static Path locate(Path directory, String nested, String expected) {
        Path child = directory.resolve(nested);
        if (Files.isDirectory(child)) {
            return child;
        }
        return existing(directory, expected);
    }

    static Path existing(Path directory, String expected) {
        if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
            throw new StampException("The data directory " + directory
                    + " does not exist or cannot be read; name one with "
                    + expected + " in it.");
        }
        return directory;
    }

    /** One file that must be there. */
    static Path required(Path directory, String file, String expected) {
        Path path = directory.resolve(file);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new StampException("The file " + file + " is missing in " + directory
                    + " or cannot be read; the directory must hold "
                    + expected + ".");
        }
        return path;
    }

    /** All files that match a glob, sorted by name; an error where there is none. */
    static List<Path> matching(Path directory, String glob, String expected) {
        List<Path> found = list(directory, glob);
        found.removeIf(path -> !Files.isRegularFile(path));
        if (found.isEmpty()) {
            throw new StampException(
                    "No file " + glob + " was found in " + directory + "; the directory must hold " + expected + ".");
        }
        return found;
    }

    /** Everything that matches a glob, sorted by name. */
    static List<Path> list(Path directory, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
            entries.forEach(found::add);
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
        found.sort(
                (a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()));
        return found;
    }

    /** Class names, one a line in UTF-8; empty lines are skipped. */
    static List<String> classNames(Path file) {
        try {
            List<String> names = Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (names.isEmpty()) {
                throw new StampException("The file " + file + " names no class; it must have one class name a line.");
            }
            return names;
        } catch (MalformedInputException e) {
            throw new StampException("The file " + file + " is not UTF-8 text; it must have one class name a line.", e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static StampException unreadable(Path path, IOException cause) {
        return new StampException(
                path + " cannot be read (" + cause.getClass().getSimpleName() + ": "
                        + cause.getMessage()
                        + "); check the disk and the permissions.",
                cause);
    }

    /** Says which classes have no image, where there are some: their outputs are never asked for. */
    static void reportEmptyClasses(ImageSet images) {
        int[] counts = images.countPerClass();
        List<String> empty = IntStream.range(0, counts.length)
                .filter(label -> counts[label] == 0)
                .mapToObj(images.classNames()::get)
                .toList();
        if (!empty.isEmpty()) {
            LOG.warn("{}: no image of {}", images.name(), listed(empty));
        }
    }

    /** Class names in a sentence: the first few, and how many there are. */
    static String listed(List<String> names) {
        String some = names.stream().limit(NAMED).collect(Collectors.joining("', '", "'", "'"));
        return names.size() == 1
                ? "the class " + some
                : names.size() + " classes: " + some + (names.size() > NAMED ? ", ..." : "");
    }

    /** Guards the one array that holds a whole split. */
    static void checkCount(long images, InputShape input, Object where) {
        if (images > ImageSet.mostImages(input)) {
            throw new StampException(where + " holds " + images + " images, more than the " + ImageSet.mostImages(input)
                    + " of " + input + " that fit into memory as one set; split it.");
        }
    }
}
