package io.stamp.kernels.bind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds a library and remembers every path it tried. In this order: the file that the property {@code stamp.cuda.library.NAME} names,
 * and then no other; the folders of the property {@code stamp.cuda.path} and of the variables {@code STAMP_CUDA_PATH},
 * {@code CUDNN_PATH}, {@code CUDA_HOME} and {@code CUDA_PATH}; the system's loader; the usual folders of drivers or toolkits; the Python
 * packages of NVIDIA, where {@link SearchFolders} expects them.
 */
final class LibrarySearch {
    static final String PATH_PROPERTY = "stamp.cuda.path";
    private static final String NO_SUCH_FILE = "there is no such file.";
    private static final String NO_SUCH_FOLDER = "there is no such folder.";
    private static final String NOT_IN_FOLDER = "the folder has no such library.";

    private final Environment environment;
    private final LibraryLoader loader;
    private final CudaLibrary library;
    private final List<Attempt> attempts = new ArrayList<>();

    private LibrarySearch(CudaLibrary library, Environment environment, LibraryLoader loader) {
        this.library = library;
        this.environment = environment;
        this.loader = loader;
    }

    static Finding find(CudaLibrary library, Environment environment, LibraryLoader loader) {
        return new LibrarySearch(library, environment, loader).find();
    }

    private Finding find() {
        Optional<String> named = environment.propertyValue(library.property());
        if (named.isPresent()) {
            return namedFile(Path.of(named.get())).orElseGet(this::missing);
        }
        SearchFolders folders = new SearchFolders(environment);
        return inFolders(folders.beforeLoader(library.isDriver()))
                .or(this::fromLoader)
                .or(() -> inFolders(folders.afterLoader(library.isDriver())))
                .orElseGet(this::missing);
    }

    private Finding missing() {
        return new Finding(library, 0, Optional.empty(), attempts);
    }

    private Optional<Finding> namedFile(Path file) {
        String origin = "property " + library.property();
        if (!Files.exists(file)) {
            attempts.add(new Attempt(file.toString(), origin, Attempt.Outcome.ABSENT, NO_SUCH_FILE));
            return Optional.empty();
        }
        return open(file.toAbsolutePath().toString(), origin);
    }

    private Optional<Finding> inFolders(List<SearchFolders.Folder> folders) {
        for (SearchFolders.Folder folder : folders) {
            Optional<Finding> found = inFolder(folder);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Finding> inFolder(SearchFolders.Folder folder) {
        boolean any = false;
        for (String name : library.fileNames()) {
            Path file = folder.path().resolve(name);
            if (Files.exists(file)) {
                any = true;
                Optional<Finding> found = open(file.toAbsolutePath().toString(), folder.origin());
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        if (!any) {
            String reason = Files.isDirectory(folder.path()) ? NOT_IN_FOLDER : NO_SUCH_FOLDER;
            attempts.add(new Attempt(folder.path().toString(), folder.origin(), Attempt.Outcome.ABSENT, reason));
        }
        return Optional.empty();
    }

    private Optional<Finding> fromLoader() {
        for (String name : library.fileNames()) {
            Optional<Finding> found = open(name, "the system's loader");
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Finding> open(String fileOrName, String origin) {
        long handle;
        try {
            handle = loader.open(fileOrName);
        } catch (LibraryLoader.LoadFailure failure) {
            attempts.add(failed(fileOrName, origin, failure.getMessage()));
            return Optional.empty();
        }
        String file = fileOrName.startsWith("/")
                ? fileOrName
                : loader.loadedFrom(fileOrName).map(Path::toString).orElse(fileOrName);
        attempts.add(new Attempt(fileOrName, origin, Attempt.Outcome.TAKEN, "it is used."));
        return Optional.of(new Finding(library, handle, Optional.of(file), attempts));
    }

    /** The loader names the file that it misses: the library itself, or one that the library needs. */
    private static Attempt failed(String fileOrName, String origin, String words) {
        boolean absent = !fileOrName.startsWith("/")
                && words.startsWith(fileOrName + ": cannot open shared object file: No such file");
        return absent
                ? new Attempt(fileOrName, origin, Attempt.Outcome.ABSENT, "it does not know that name.")
                : new Attempt(fileOrName, origin, Attempt.Outcome.REFUSED, sentence(words));
    }

    private static String sentence(String words) {
        return words.endsWith(".") ? words : words + ".";
    }
}
