package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out before long work whether its result can be written, as far as that can be known then. */
public final class OutputFile {
    private OutputFile() {}

    /**
     * Checks the name and the folder, or the nearest folder that exists; writes nothing.
     *
     * @throws StampException where the file cannot be written
     */
    public static void requireWritable(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            throw new StampException("Cannot write " + file + ": a folder has that name; give a file name.");
        }
        Path folder = absolute.getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new StampException(
                    "Cannot write " + file + ": " + folder + " is not a folder; choose another place.");
        }
        if (!Files.isWritable(folder)) {
            throw new StampException(
                    "Cannot write " + file + ": no permission to write in " + folder + "; choose another place.");
        }
    }

    /**
     * As {@link #requireWritable}, for a result of another kind than what it is made from, which it must not replace.
     *
     * @throws StampException where the file cannot be written or is one of the inputs
     */
    public static void requireApart(Path file, Path... inputs) {
        requireWritable(file);
        for (Path input : inputs) {
            if (isSame(file, input)) {
                throw new StampException(
                        "Cannot write " + file + ": this command reads that file; choose another name for its result.");
            }
        }
    }

    private static boolean isSame(Path file, Path other) {
        try {
            return Files.exists(file) && Files.exists(other) && Files.isSameFile(file, other);
        } catch (IOException e) {
            throw new StampException("Cannot read " + other + ": " + e.getMessage() + ".", e);
        }
    }
}
