package io.stamp.bench.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a command's result goes for programs; used with {@code @Mixin}. */
public final class JsonOption {
    @WritesFile
    @Option(names = "--json", paramLabel = "FILE", description = "Also write the result to FILE, as one JSON object.")
    private Path file;

    /** Writes {@code report} where {@code --json} says, if it does; see {@link JsonFile}. */
    public void write(Object report) {
        if (file != null) {
            JsonFile.write(file, report);
        }
    }
}
