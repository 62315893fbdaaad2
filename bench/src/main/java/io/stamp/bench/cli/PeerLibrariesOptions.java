package io.stamp.bench.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where other engines come from, and what they find in their environment; used with {@code @Mixin}. */
public final class PeerLibrariesOptions {
    @ReadsFile
    @Option(
            names = "--libraries",
            paramLabel = "DIR",
            description = "Folder with the other engines (default: 'peers' beside this program).")
    private Path folder;

    @Option(
            names = "--keep-environment",
            description =
                    "Keep environment variables that hold an engine back, such as OPENBLAS_CORETYPE, which are removed"
                            + " otherwise.")
    private boolean keepEnvironment;

    /** The folder; null for the one beside the program. */
    public Path folder() {
        return folder;
    }

    public boolean keepEnvironment() {
        return keepEnvironment;
    }
}
