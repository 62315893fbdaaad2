package io.stamp.kernels.device;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Loads the native half of JCuda's driver class. JCuda looks in {@code java.library.path} first and then unpacks its library to a fixed
 * name in the folder for temporary files, where it takes any file that is there already. Here that folder is a new one that nobody
 * else can write, and it is gone as soon as the library is loaded.
 */
final class JCudaNatives {
    private static final String DRIVER_CLASS = "jcuda.driver.JCudaDriver";
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

    private static String failure;
    private static boolean loaded;

    private JCudaNatives() {}

    /** Loads the library if that has not been done; needs the driver's library, which has to be open before. */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        if (failure != null) {
            throw new StampException(failure);
        }
        try {
            initialiseUnpackingTo(Files.createTempDirectory("stamp-jcuda"));
            loaded = true;
        } catch (IOException | LinkageError | ClassNotFoundException error) {
            failure = "JCuda's library for " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                    + " does not load: " + reason(error) + " Let -D" + TEMPORARY_FOLDER
                    + "=FOLDER name a writable folder from which programs may run, or -Djava.library.path=FOLDER one that has the library.";
            throw new StampException(failure, error);
        }
    }

    private static void initialiseUnpackingTo(Path folder) throws IOException, ClassNotFoundException {
        String before = System.setProperty(TEMPORARY_FOLDER, folder.toString());
        try {
            Class.forName(DRIVER_CLASS);
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
