package io.stamp.bench.launch;

import java.lang.management.RuntimeMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The command that starts the program on a JVM with the flags it needs, the user's own JVM options kept. */
public final class JvmCommand {
    private final Path home;
    private final List<String> options;
    private final String classPath;

    private JvmCommand(Path home, List<String> options, String classPath) {
        this.home = home;
        this.options = options;
        this.classPath = classPath;
    }

    /**
     * The command that continues {@code running} on the Java installation {@code home}.
     *
     * @param running the JVM whose options and class path are taken over
     * @param hasVectorModule whether that installation contains the module {@code jdk.incubator.vector}
     */
    public static JvmCommand like(RuntimeMXBean running, Path home, boolean hasVectorModule) {
        List<String> given = running.getInputArguments();
        List<String> options = new ArrayList<>(defaults(given));
        options.addAll(given);
        if (hasVectorModule) {
            options.add("--add-modules=jdk.incubator.vector");
        }
        options.add("--enable-native-access=ALL-UNNAMED");
        // The library that reads SVHN's files unmaps them by sun.misc.Unsafe, which a JDK warns of otherwise.
        options.add("--sun-misc-unsafe-memory-access=allow");
        return new JvmCommand(home, options, running.getClassPath());
    }

    /**
     * What suits a program whose memory is a few large pooled arrays, where the user chose nothing else. The serial collector: its
     * write barrier is the cheapest, and arrays of megabytes are ordinary objects to it, while G1 rounds each up to whole regions.
     * The heap: most of the machine, because the tensors live in it; Java's own limit is a quarter. The young generation: small,
     * for what dies young is small, and every page of it that was touched once stays with the process. For the same reason the heap
     * begins small and is cleared of garbage before it grows, by little.
     */
    private static List<String> defaults(List<String> given) {
        List<String> defaults = new ArrayList<>();
        boolean collectorGiven = anyMatches(given, "-XX:\\+Use\\w+GC");
        if (!collectorGiven) {
            defaults.add("-XX:+UseSerialGC");
        }
        boolean heapGiven = anyMatches(given, "-Xmx.*|-XX:Max(HeapSize|RAM|RAMPercentage|RAMFraction)=.*");
        if (!heapGiven) {
            defaults.add("-XX:MaxRAMPercentage=70");
        }
        boolean sizesGiven = heapGiven || collectorGiven;
        if (!sizesGiven && !anyMatches(given, "-Xmn.*|-XX:(Max)?New\\w+=.*")) {
            defaults.add("-Xmn24m");
        }
        if (!sizesGiven
                && !anyMatches(given, "-Xms.*|-XX:(Initial|Min)(HeapSize|RAM\\w+)=.*|-XX:MinHeapFreeRatio=.*")) {
            defaults.add("-Xms64m");
            defaults.add("-XX:MinHeapFreeRatio=5");
        }
        return defaults;
    }

    private static boolean anyMatches(List<String> options, String pattern) {
        for (String option : options) {
            if (option.matches(pattern)) {
                return true;
            }
        }
        return false;
    }

    /** The program to start: the {@code java} of the installation. */
    public Path java() {
        return JdkSearch.java(home);
    }

    /**
     * Names of environment variables that the new JVM must not see: this one has already added their options to its arguments, and
     * twice they would load an agent twice. Java 8 leaves the last of them to the new JVM.
     */
    public List<String> consumedEnvironment() {
        List<String> names = new ArrayList<>(Arrays.asList("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"));
        if (JdkSearch.majorVersion(System.getProperty("java.version")) >= 9) {
            names.add("JDK_JAVA_OPTIONS");
        }
        return names;
    }

    /** The whole command line: java, its options and {@code extraOptions}, the main class, and the program's {@code args}. */
    public List<String> line(String[] args, String... extraOptions) {
        List<String> line = new ArrayList<>();
        line.add(java().toString());
        line.addAll(options);
        line.addAll(Arrays.asList(extraOptions));
        line.add("-cp");
        line.add(classPath);
        line.add(Launcher.MAIN_CLASS);
        line.addAll(Arrays.asList(args));
        return line;
    }
}
