package io.stamp.tests.architecture;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the source files of a module's program, without its tests, use of others. */
final class Sources {
    private static final Pattern PACKAGE = Pattern.compile("^package ([a-z0-9_.]+);", Pattern.MULTILINE);
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\n]*", Pattern.DOTALL);
    /** A class by its full name, in an import or elsewhere. */
    private static final Pattern USE = Pattern.compile("\\b(io\\.stamp(?:\\.[a-z][a-z0-9_]*)+)\\.[A-Z]");

    /**
     * One file.
     *
     * @param name of the class, without the package
     * @param packages the packages of this project that it uses classes of by their full names
     */
    record Source(String packageName, String name, List<String> packages) {
        static Source of(String name, String text) {
            Matcher declared = PACKAGE.matcher(text);
            if (!declared.find()) {
                throw new IllegalArgumentException(name + " is in no package");
            }
            List<String> used = new ArrayList<>();
            // Comments may point anywhere.
            Matcher use = USE.matcher(COMMENT.matcher(text).replaceAll(""));
            while (use.find()) {
                used.add(use.group(1));
            }
            return new Source(declared.group(1), name, used.stream().distinct().toList());
        }
    }

    private Sources() {}

    static List<Source> ofModule(String module) {
        Path folder = ProgramRun.projectFolder().resolve(module).resolve("src/main/java");
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("package-info.java"))
                    .map(Sources::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Source read(Path file) {
        try {
            return Source.of(file.getFileName().toString().replace(".java", ""), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
