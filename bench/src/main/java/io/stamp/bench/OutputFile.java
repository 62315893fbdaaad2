package io.stamp.bench;

import io.stamp.engine.StampException;
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
}
