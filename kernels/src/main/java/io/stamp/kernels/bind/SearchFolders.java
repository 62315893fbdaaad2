package io.stamp.kernels.bind;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The folders in which CUDA libraries may lie, with the reason to look there. */
final class SearchFolders {
    /** A folder and why it is looked at. */
    record Folder(Path path, String origin) {}

    /** Where a toolkit keeps its libraries, below its own folder. */
    private static final List<String> BELOW_TOOLKIT = List.of("", "lib64", "lib", "targets/x86_64-linux/lib");

    /** Where drivers are put by distributions, containers and WSL. */
    private static final List<String> DRIVER_FOLDERS = List.of(
            "usr/lib/x86_64-linux-gnu",
            "usr/lib64",
            "usr/lib/wsl/lib",
            "usr/local/nvidia/lib64",
            "usr/local/nvidia/lib",
            "usr/local/cuda/compat");

    /** Folders with versions of Python below them. */
    private static final List<String> PYTHON_PREFIXES = List.of("usr", "usr/local");

    /** What people call the folder of an environment of Python. */
    private static final List<String> ENVIRONMENTS = List.of(".venv", "venv");

    private final Environment environment;

    SearchFolders(Environment environment) {
        this.environment = environment;
    }

    /** Before the system's loader is asked. */
    List<Folder> beforeLoader(boolean driver) {
        List<Folder> folders = new ArrayList<>();
        environment
                .propertyValue(LibrarySearch.PATH_PROPERTY)
                .ifPresent(value -> addNamed(folders, value, "property " + LibrarySearch.PATH_PROPERTY));
        addVariable(folders, "STAMP_CUDA_PATH");
        if (!driver) {
            List.of("CUDNN_PATH", "CUDA_HOME", "CUDA_PATH").forEach(variable -> addVariable(folders, variable));
        }
        return folders;
    }

    /** After it. */
    List<Folder> afterLoader(boolean driver) {
        List<Folder> folders = new ArrayList<>();
        if (driver) {
            DRIVER_FOLDERS.forEach(
                    folder -> folders.add(new Folder(environment.root().resolve(folder), "usual folder")));
            return folders;
        }
        Set<Path> toolkits = new HashSet<>();
        for (Path toolkit :
                children(environment.root().resolve("usr/local"), "cuda*").reversed()) {
            if (toolkits.add(realPath(toolkit))) {
                addBelow(folders, toolkit, "toolkit");
            }
        }
        for (Path packages : pythonPackages()) {
            for (Path library : children(packages.resolve("nvidia"), "*")) {
                folders.add(new Folder(library.resolve("lib"), "Python packages"));
            }
        }
        return folders;
    }

    /** Where a link leads, such as {@code cuda} to {@code cuda-13.0}. */
    static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException broken) {
            // A link that leads nowhere is looked at like a folder that is missing.
            return path;
        }
    }

    private void addVariable(List<Folder> folders, String variable) {
        environment.variableValue(variable).ifPresent(value -> addNamed(folders, value, "variable " + variable));
    }

    private static void addNamed(List<Folder> folders, String paths, String origin) {
        for (String path : paths.split(":")) {
            if (!path.isBlank()) {
                addBelow(folders, Path.of(path.strip()), origin);
            }
        }
    }

    private static void addBelow(List<Folder> folders, Path toolkit, String origin) {
        for (String below : BELOW_TOOLKIT) {
            Path folder = below.isEmpty() ? toolkit : toolkit.resolve(below);
            if (below.isEmpty() || Files.isDirectory(folder)) {
                folders.add(new Folder(folder, origin));
            }
        }
    }

    /** Folders of packages, each once, the most likely first. */
    private Set<Path> pythonPackages() {
        List<Path> prefixes = new ArrayList<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            environment.variableValue(variable).ifPresent(value -> prefixes.add(Path.of(value)));
        }
        addPythonsOfSearchPath(prefixes);
        environment.variableValue("HOME").ifPresent(home -> {
            prefixes.add(Path.of(home, ".local"));
            addWithEnvironments(prefixes, Path.of(home));
        });
        PYTHON_PREFIXES.forEach(prefix -> prefixes.add(environment.root().resolve(prefix)));
        children(environment.root().resolve("opt"), "*").forEach(folder -> addWithEnvironments(prefixes, folder));
        Set<Path> packages = new LinkedHashSet<>();
        for (Path prefix : prefixes) {
            for (Path python : children(prefix.resolve("lib"), "python3*")) {
                packages.add(python.resolve("site-packages"));
                packages.add(python.resolve("dist-packages"));
            }
        }
        return packages;
    }

    /** Every python3 lies in the folder {@code bin} of its environment, and mostly is a link to that of another one. */
    private void addPythonsOfSearchPath(List<Path> prefixes) {
        for (String folder : environment.variableValue("PATH").orElse("").split(":")) {
            Path python = Path.of(folder, "python3").toAbsolutePath();
            // A link that leads nowhere, or in a circle, does not exist.
            boolean follow = !folder.isBlank() && Files.exists(python);
            while (follow) {
                prefixes.add(python.resolve("../..").normalize());
                follow = Files.isSymbolicLink(python);
                python = follow ? linkedFrom(python) : python;
            }
        }
    }

    private static Path linkedFrom(Path link) {
        try {
            return link.resolveSibling(Files.readSymbolicLink(link)).normalize();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The folder and the environments below it, under their customary names. */
    private static void addWithEnvironments(List<Path> prefixes, Path folder) {
        prefixes.add(folder);
        ENVIRONMENTS.forEach(name -> prefixes.add(folder.resolve(name)));
    }

    /** Entries of a folder that match, in the order of their names; none where the folder is missing or closed to us. */
    private static List<Path> children(Path folder, String pattern) {
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            return List.of();
        }
        try (var matching = Files.newDirectoryStream(folder, pattern)) {
            List<Path> found = new ArrayList<>();
            matching.forEach(found::add);
            found.sort(Comparator.naturalOrder());
            return found;
        } catch (NotDirectoryException changed) {
            return List.of();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
