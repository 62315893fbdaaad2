package io.stamp.tests.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Which java a user may call. */
enum Java {
    NEW,
    OLD;

    static final String NONE_TO_TRY = "no Java below 25 under /usr/lib/jvm to try";

    /** Whether this machine has one. */
    boolean isThere() {
        return this == NEW || oldJava().isPresent();
    }

    Path program() {
        return this == NEW
                ? Path.of(System.getProperty("java.home"), "bin", "java")
                : oldJava().orElseThrow();
    }

    /** Lets the search find the tests' own Java even if it is in none of the usual folders. */
    static Map<String, String> environment() {
        return Map.of("JAVA_HOME", System.getProperty("java.home"));
    }

    private static Optional<Path> oldJava() {
        Path folder = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(folder)) {
            return homes.filter(Java::isOld)
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOld(Path home) {
        try {
            return Files.readString(home.resolve("release"))
                    .matches("(?s).*JAVA_VERSION=\"(1\\.8|9|1\\d|2[0-4])[.\"].*");
        } catch (IOException e) {
            return false;
        }
    }
}
