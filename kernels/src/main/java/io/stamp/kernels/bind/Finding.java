package io.stamp.kernels.bind;

import java.util.List;
import java.util.Optional;

/**
 * The outcome of the search for one library.
 *
 * @param handle the open library
 * @param file where it came from; empty where the library was not found
 * @param attempts every path that was tried, in order
 */
public record Finding(CudaLibrary library, long handle, Optional<String> file, List<Attempt> attempts) {
    public Finding {
        attempts = List.copyOf(attempts);
    }

    /** Whether the library is open. */
    public boolean found() {
        return file.isPresent();
    }

    /** Why the library is missing: what the attempts say that came closest. */
    public String whyMissing() {
        String wanted = String.join(" or ", library.fileNames());
        String found = attempts.stream()
                .filter(attempt -> attempt.outcome() == Attempt.Outcome.REFUSED)
                .findFirst()
                .map(attempt -> attempt.path() + " does not load, because " + attempt.reason())
                .orElse("none of the " + attempts.size() + " places tried has it, `doctor` lists them.");
        return library.title() + " (" + wanted + ") was not found: " + found + " Give its file with -D"
                + library.property() + "=FILE, or its folder with -D" + LibrarySearch.PATH_PROPERTY + "=FOLDER.";
    }
}
