package io.stamp.bench.peers;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * Finds the engines to compare with. They are large, so the program does not contain them: the Maven profile {@code peers} puts them, and
 * the classes that call them, into the folder {@value #FOLDER} beside {@code stamp-bench.jar}.
 */
public final class PeerLibraries {
    private static final String FOLDER = "peers";

    private PeerLibraries() {}

    /**
     * All engines on the class path and, where there are none, in the jars of a folder. Their classes see those of this program.
     *
     * @param folder the folder to look at; null for the one beside the program
     * @throws StampException where there are none; it says how to get them
     */
    public static List<PeerProvider> find(Path folder) {
        ClassLoader own = PeerLibraries.class.getClassLoader();
        List<PeerProvider> providers = providers(own);
        Path place = folder == null ? besideProgram() : folder;
        if (providers.isEmpty() && Files.isDirectory(place)) {
            ClassLoader loader = new URLClassLoader(FOLDER, jars(place), own);
            // Some of these libraries look for their parts through the loader of the thread.
            Thread.currentThread().setContextClassLoader(loader);
            providers = providers(loader);
        }
        if (providers.isEmpty()) {
            throw new FailedException("There is no other engine in " + place
                    + " to compare with: the ordinary build leaves them out; scripts/peers builds and runs them, or name"
                    + " their folder with --libraries.");
        }
        return providers;
    }

    private static List<PeerProvider> providers(ClassLoader loader) {
        return ServiceLoader.load(PeerProvider.class, loader).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    private static Path besideProgram() {
        try {
            URI program = PeerLibraries.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            return Path.of(program).resolveSibling(FOLDER);
        } catch (URISyntaxException e) {
            throw new FailedException(
                    "The program does not know its own place (" + e.getMessage()
                            + "); name the folder of the other engines with --libraries.",
                    e);
        }
    }

    private static URL[] jars(Path folder) {
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                urls.add(url(jar));
            }
        } catch (IOException e) {
            throw new StampException(
                    folder + " cannot be read (" + e.getMessage() + "); check its permissions or build it anew.", e);
        }
        return urls.toArray(URL[]::new);
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("Every file has a URL.", e);
        }
    }
}
