package io.stamp.kernels.bind;

import java.nio.file.Path;
import java.util.Optional;

/** On systems for which the backend is not made. */
final class NoLoader implements LibraryLoader {
    @Override
    public long open(String fileOrName) throws LoadFailure {
        throw new LoadFailure(
                "The backend cuda runs on Linux only, and this is " + System.getProperty("os.name") + ".");
    }

    @Override
    public void close(long handle) {
        throw new IllegalStateException("Nothing has been opened.");
    }

    @Override
    public Optional<Path> loadedFrom(String fileName) {
        return Optional.empty();
    }
}
