package io.stamp.kernels.bind;

import java.nio.file.Path;
import java.util.Optional;

/** Opens shared libraries. */
interface LibraryLoader {
    /** Opens a file, or what the system's search finds under a name without folder; the handle of the library. */
    long open(String fileOrName) throws LoadFailure;

    /** Lets go of an open library. */
    void close(long handle);

    /** The file that an open library came from, given the name under which it is known. */
    Optional<Path> loadedFrom(String fileName);

    /** The loader's own words on why a library did not open. */
    final class LoadFailure extends Exception {
        private static final long serialVersionUID = 1;

        LoadFailure(String reason) {
            super(reason);
        }
    }
}
