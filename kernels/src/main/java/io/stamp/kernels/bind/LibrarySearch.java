package io.stamp.kernels.bind;

import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds a library and remembers every path it tried. In this order: the file that the property {@code stamp.cuda.library.NAME} names,
 * and then no other; the folders of the property {@code stamp.cuda.path} and of the variables {@code STAMP_CUDA_PATH},
 * {@code CUDNN_PATH}, {@code CUDA_HOME} and {@code CUDA_PATH}; the system's loader; the usual folders of drivers or toolkits; the Python
 * packages of NVIDIA, where {@link SearchFolders} expects them. The first that opens is taken, but for cuDNN, of which nobody has named
 * a folder: then it is the newest of all.
 */
final class LibrarySearch {
    static final String PATH_PROPERTY = "stamp.cuda.path";
    private static final String LOADER = "the system's loader";
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
        List<SearchFolders.Folder> others = folders.afterLoader(library.isDriver());
        return inFolders(folders.beforeLoader(library.isDriver()))
                .or(() -> library.comesInVersions()
                        ? newest(others)
                        : fromLoader().or(() -> inFolders(others)))
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
        for (Path file : filesIn(folder)) {
            Optional<Finding> found = open(file.toString(), folder.origin());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private List<Path> filesIn(SearchFolders.Folder folder) {
        List<Path> files = library.fileNames().stream()
                .map(name -> folder.path().resolve(name).toAbsolutePath())
                .filter(Files::exists)
                .toList();
        if (files.isEmpty()) {
            String reason = Files.isDirectory(folder.path()) ? NOT_IN_FOLDER : NO_SUCH_FOLDER;
            attempts.add(new Attempt(folder.path().toString(), folder.origin(), Attempt.Outcome.ABSENT, reason));
        }
        return files;
    }

    /**
     * A library that is there, whether it opens or not.
     *
     * @param path the file, or the name that the system's loader knows
     */
    private record Installed(String path, String origin, Optional<Version> version) {
        /** The newest first; those that do not tell their version come last, in the order in which they were found. */
        static final Comparator<Installed> ORDER = Comparator.comparing(
                Installed::version,
                Comparator.comparing((Optional<Version> version) -> version.isEmpty())
                        .thenComparing(
                                version -> version.orElse(null), Comparator.nullsLast(Comparator.reverseOrder())));

        String inWords() {
            return version.map(number -> "version " + number).orElse("of an unknown version");
        }
    }

    /** The system, toolkits and each environment of Python may have one of their own. */
    private Optional<Finding> newest(List<SearchFolders.Folder> folders) {
        Map<Path, Installed> byFile = new LinkedHashMap<>();
        for (String name : library.fileNames()) {
            knownToLoader(name)
                    .ifPresent(file -> byFile.put(SearchFolders.realPath(file), installed(name, LOADER, file)));
        }
        for (SearchFolders.Folder folder : folders) {
            for (Path file : filesIn(folder)) {
                byFile.putIfAbsent(SearchFolders.realPath(file), installed(file.toString(), folder.origin(), file));
            }
        }
        List<Installed> all = byFile.values().stream().sorted(Installed.ORDER).toList();
        for (Installed one : all) {
            Optional<Long> handle = tryToOpen(one.path, one.origin);
            if (handle.isPresent()) {
                passOver(all.subList(all.indexOf(one) + 1, all.size()), one);
                return Optional.of(taken(handle.get(), one.path, one.origin));
            }
        }
        return Optional.empty();
    }

    private static Installed installed(String path, String origin, Path file) {
        return new Installed(path, origin, FileVersion.of(file));
    }

    private void passOver(List<Installed> others, Installed used) {
        for (Installed other : others) {
            attempts.add(new Attempt(
                    other.path,
                    other.origin,
                    Attempt.Outcome.PASSED_OVER,
                    "it is " + other.inWords() + ", and " + used.path + ", " + used.inWords() + ", is used."));
        }
    }

    /** Where a name leads; nothing of the library stays in the process. */
    private Optional<Path> knownToLoader(String name) {
        return tryToOpen(name, LOADER).map(handle -> {
            Path file = loader.loadedFrom(name).orElse(Path.of(name));
            loader.close(handle);
            return file;
        });
    }

    private Optional<Finding> fromLoader() {
        for (String name : library.fileNames()) {
            Optional<Finding> found = open(name, LOADER);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Finding> open(String fileOrName, String origin) {
        return tryToOpen(fileOrName, origin).map(handle -> taken(handle, fileOrName, origin));
    }

    private Optional<Long> tryToOpen(String fileOrName, String origin) {
        try {
            return Optional.of(loader.open(fileOrName));
        } catch (LibraryLoader.LoadFailure failure) {
            attempts.add(failed(fileOrName, origin, failure.getMessage()));
            return Optional.empty();
        }
    }

    private Finding taken(long handle, String fileOrName, String origin) {
        String file = fileOrName.startsWith("/")
                ? fileOrName
                : loader.loadedFrom(fileOrName).map(Path::toString).orElse(fileOrName);
        attempts.add(new Attempt(fileOrName, origin, Attempt.Outcome.TAKEN, "it is used."));
        return new Finding(library, handle, Optional.of(file), attempts);
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
