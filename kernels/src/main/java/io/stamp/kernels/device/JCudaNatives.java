package io.stamp.kernels.device;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Loads the native halves of JCuda's classes. JCuda looks in {@code java.library.path} first and then unpacks its library to a fixed
 * name in the folder for temporary files, where it takes any file that is there already. Here that folder is a new one that nobody
 * else can write, and it is gone as soon as the library is loaded.
 */
public final class JCudaNatives {
    private static final String DRIVER_CLASS = "jcuda.driver.JCudaDriver";
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

    /** Why a class does not load, by name; the empty text where it does. */
    private static final Map<String, String> FAILURES = new HashMap<>();

    private JCudaNatives() {}

    /** Loads the driver's half if that has not been done; needs the driver's library, which has to be open before. */
    static void load() {
        load(DRIVER_CLASS, JCudaNatives.class.getClassLoader());
    }

    /**
     * Initialises a class of JCuda, which loads its native half; the library that this calls has to be open before.
     *
     * @throws StampException if that does not work, and from then on at every call
     */
    public static synchronized void load(String className, ClassLoader loader) {
        String known = FAILURES.get(className);
        if (known != null && known.isEmpty()) {
            return;
        }
        if (known != null) {
            throw new StampException(known);
        }
        try {
            initialiseUnpackingTo(Files.createTempDirectory("stamp-jcuda"), className, loader);
            FAILURES.put(className, "");
        } catch (IOException | LinkageError | ClassNotFoundException error) {
            String simpleName = className.substring(className.lastIndexOf('.') + 1);
            String failure = "The library of " + simpleName + " for " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch") + " does not load: " + reason(error) + " Let -D" + TEMPORARY_FOLDER
                    + "=FOLDER name a writable folder from which programs may run, or -Djava.library.path=FOLDER one that has the library.";
            FAILURES.put(className, failure);
            throw new StampException(failure, error);
        }
    }

    private static void initialiseUnpackingTo(Path folder, String className, ClassLoader loader)
            throws IOException, ClassNotFoundException {
        String before = System.setProperty(TEMPORARY_FOLDER, folder.toString());
        try {
            Class.forName(className, true, loader);
        } finally {
            System.setProperty(TEMPORARY_FOLDER, before);
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** JCuda's message holds two stack traces; the loader's own words are in the last one. */
    private static String reason(Throwable error) {
        List<String> lines = String.valueOf(error.getMessage()).lines().toList();
        String cause = lines.stream()
                .filter(line -> line.startsWith(UnsatisfiedLinkError.class.getName()))
                .reduce((first, last) -> last)
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(error.toString().lines().findFirst().orElseThrow());
        return cause.endsWith(".") ? cause : cause + ".";
    }
}
