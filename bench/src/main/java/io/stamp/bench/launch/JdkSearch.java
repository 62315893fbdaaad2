package io.stamp.bench.launch;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Looks for a Java installation of at least a given version; knows the same places as {@code scripts/java-home.sh}. */
final class JdkSearch {
    private static final String JAVA_PROGRAM = File.separatorChar == '\\' ? "java.exe" : "java";

    private JdkSearch() {}

    /**
     * The folder of the first Java installation of version {@code needed} or newer, or null: looks at {@code JAVA_HOME}, the
     * {@code java} of the {@code PATH} and the usual folders.
     */
    static Path find(int needed) {
        return firstOf(candidates(), needed);
    }

    /** The first of {@code homes} that holds a Java of version {@code needed} or newer, or null. */
    static Path firstOf(List<Path> homes, int needed) {
        for (Path home : homes) {
            if (Files.isExecutable(java(home)) && versionOf(home) >= needed) {
                return home;
            }
        }
        return null;
    }

    /** The program to start in the Java installation {@code home}. */
    static Path java(Path home) {
        return home.resolve("bin").resolve(JAVA_PROGRAM);
    }

    /** 8 for {@code 1.8.0_292}, 25 for {@code 25.0.1} or {@code 25-ea}, 0 for what is not a version. */
    static int majorVersion(String version) {
        String digits = version.startsWith("1.") ? version.substring(2) : version;
        int end = 0;
        while (end < digits.length() && end < 4 && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        return end == 0 ? 0 : Integer.parseInt(digits.substring(0, end));
    }

    private static List<Path> candidates() {
        List<Path> homes = new ArrayList<>();
        String javaHome = System.getenv("JAVA_HOME");
        if (javaHome != null && !javaHome.isEmpty()) {
            homes.add(Paths.get(javaHome));
        }
        addFromPath(homes);
        Path user = Paths.get(System.getProperty("user.home"));
        addChildren(homes, Paths.get("/usr/lib/jvm"), "");
        addChildren(homes, Paths.get("/opt"), "");
        addChildren(homes, user.resolve(".sdkman/candidates/java"), "");
        addChildren(homes, user.resolve(".jdks"), "");
        addChildren(homes, Paths.get("/Library/Java/JavaVirtualMachines"), "Contents/Home");
        return homes;
    }

    private static void addFromPath(List<Path> homes) {
        String path = System.getenv("PATH");
        if (path == null) {
            return;
        }
        for (String folder : path.split(File.pathSeparator)) {
            Path java = Paths.get(folder, JAVA_PROGRAM);
            if (!Files.isExecutable(java)) {
                continue;
            }
            try {
                // On most systems the PATH holds a link into the installation, home/bin/java.
                Path bin = java.toRealPath().getParent();
                if (bin != null && bin.getParent() != null) {
                    homes.add(bin.getParent());
                }
            } catch (IOException e) {
                System.err.println("Skipped " + java + " in the search for a JDK: " + e.getMessage());
            }
        }
    }

    private static void addChildren(List<Path> homes, Path folder, String below) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                homes.add(child.resolve(below));
            }
        } catch (IOException | DirectoryIteratorException e) {
            System.err.println("Skipped " + folder + " in the search for a JDK: " + e.getMessage());
        }
    }

    /** The version that the installation states in its file {@code release}; 0 where it states none. */
    private static int versionOf(Path home) {
        Properties release = new Properties();
        try (InputStream stream = Files.newInputStream(home.resolve("release"))) {
            release.load(stream);
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        }
        return majorVersion(release.getProperty("JAVA_VERSION", "").replace("\"", ""));
    }
}
