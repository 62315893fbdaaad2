package io.stamp.tests.op;

import io.stamp.engine.Op;
import io.stamp.engine.Update;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All ops and updates there are, found by looking at the engine's compiled classes. */
final class Primitives {
    private static final String PACKAGE = "io.stamp.engine.";
    private static final List<String> FOLDERS = List.of("op", "optim");

    private Primitives() {}

    static List<Class<?>> ops() {
        return implementations(Op.class);
    }

    static List<Class<?>> updates() {
        return implementations(Update.class);
    }

    private static List<Class<?>> implementations(Class<?> type) {
        return classNames().stream()
                .<Class<?>>map(Primitives::load)
                .filter(found -> type.isAssignableFrom(found) && !found.isInterface())
                .toList();
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("The class file of " + name + " cannot be loaded.", e);
        }
    }

    private static SortedSet<String> classNames() {
        try {
            Path source = Path.of(
                    Op.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(source)) {
                return classNames(source);
            }
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + source.toUri()), java.util.Map.of())) {
                return classNames(jar.getPath("/"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SortedSet<String> classNames(Path root) throws IOException {
        SortedSet<String> names = new TreeSet<>();
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.list(root.resolve(PACKAGE.replace('.', '/') + folder))) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
                        .forEach(file -> names.add(PACKAGE + folder + "." + file.replace(".class", "")));
            }
        }
        return names;
    }
}
