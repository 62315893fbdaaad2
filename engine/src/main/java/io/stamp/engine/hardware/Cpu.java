package io.stamp.engine.hardware;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processor this JVM runs on, as the operating system describes it.
 *
 * @param model the maker's name of it, or the architecture where the system does not tell
 * @param processors how many hardware threads this JVM may use
 * @param features instruction set extensions in the system's own spelling, for example {@code avx512f} or {@code asimd}; empty
 *     where the system does not tell
 */
public record Cpu(String model, int processors, List<String> features) {
    private static final Path LINUX = Path.of("/proc/cpuinfo");

    private static final Pattern VECTOR_FEATURE =
            Pattern.compile("(avx|amx|sse4).*|fma3?|f16c|neon|asimd.*|sve.*|sme2?|rvv");

    public Cpu {
        features = List.copyOf(features);
    }

    /** Asks the operating system; never fails, what it does not tell stays out. */
    public static Cpu detect() {
        Map<String, String> facts = new LinkedHashMap<>();
        if (Files.isReadable(LINUX)) {
            facts.putAll(linuxFacts());
        } else if (System.getProperty("os.name").startsWith("Mac")) {
            facts.putAll(macFacts());
        }
        return of(facts, System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors());
    }

    /** Those of {@link #features} that say what the processor can compute on vectors. */
    public List<String> vectorFeatures() {
        return features.stream().filter(VECTOR_FEATURE.asMatchPredicate()).toList();
    }

    /** The facts of the first processor in the text of {@code /proc/cpuinfo}. */
    static Map<String, String> parse(Stream<String> lines) {
        Map<String, String> facts = new LinkedHashMap<>();
        lines.map(line -> line.split(":", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> facts.putIfAbsent(pair[0].strip(), pair[1].strip()));
        return facts;
    }

    static Cpu of(Map<String, String> facts, String architecture, int processors) {
        String model = firstOf(facts, "model name", "machdep.cpu.brand_string", "Model", "Hardware");
        // x86 Linux, ARM Linux, and the two halves of x86 macOS.
        List<String> features = Stream.of("flags", "Features", "machdep.cpu.features", "machdep.cpu.leaf7_features")
                .map(facts::get)
                .filter(list -> list != null && !list.isBlank())
                .flatMap(list -> Arrays.stream(list.strip().split("\\s+")))
                .map(feature -> feature.toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
        return new Cpu(model == null ? architecture : model, processors, features);
    }

    private static String firstOf(Map<String, String> facts, String... keys) {
        return Arrays.stream(keys)
                .map(facts::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse(null);
    }

    private static Map<String, String> linuxFacts() {
        try (Stream<String> lines = Files.lines(LINUX, StandardCharsets.ISO_8859_1)) {
            return parse(lines);
        } catch (IOException e) {
            return Map.of();
        }
    }

    private static Map<String, String> macFacts() {
        List<String> command = new ArrayList<>(List.of("/usr/sbin/sysctl", "machdep.cpu"));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (Stream<String> lines = process.inputReader().lines()) {
                return parse(lines);
            } finally {
                process.waitFor(1, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            return Map.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
    }
}
