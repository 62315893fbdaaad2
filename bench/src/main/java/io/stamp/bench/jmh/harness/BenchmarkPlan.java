package io.stamp.bench.jmh.harness;

import io.stamp.engine.StampException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Defaults;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What JMH is about to run: found, checked and its time estimated before anything starts. */
public final class BenchmarkPlan {
    /** The start of a JVM, the data, and the measurement of the roofline. */
    private static final Duration EACH_START = Duration.ofSeconds(2);

    private final CommandLineOptions options;
    private final SortedSet<BenchmarkListEntry> entries;
    private int runs;
    private double seconds;

    private BenchmarkPlan(CommandLineOptions options, SortedSet<BenchmarkListEntry> entries) {
        this.options = options;
        this.entries = entries;
    }

    /**
     * The benchmarks that {@code options} choose.
     *
     * @param parameters names of the parameters that the user gave
     * @throws StampException where there are none, where no chosen one has such a parameter, or where a value is wrong
     */
    public static BenchmarkPlan of(CommandLineOptions options, List<String> parameters) {
        SortedSet<BenchmarkListEntry> entries = find(options.getIncludes(), options.getExcludes());
        if (entries.isEmpty()) {
            throw new StampException("No benchmark matches " + String.join(", ", options.getIncludes()) + "; there are "
                    + String.join(", ", names(find(List.of(), List.of()))) + ".");
        }
        BenchmarkPlan plan = new BenchmarkPlan(options, entries);
        plan.requireKnown(parameters);
        entries.forEach(plan::add);
        return plan;
    }

    /**
     * Says what is wrong with the expressions that choose benchmarks, on which JMH would fail with a stack trace.
     *
     * @throws StampException where one is no regular expression
     */
    public static void requireExpressions(CommandLineOptions options) {
        Stream.of(options.getIncludes(), options.getExcludes(), options.getWarmupIncludes())
                .flatMap(List::stream)
                .forEach(BenchmarkPlan::requireExpression);
    }

    private static void requireExpression(String text) {
        try {
            Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new StampException(
                    "'" + text + "' is not a regular expression (" + e.getDescription()
                            + "); put a backslash before characters that stand for themselves, such as \\[.",
                    e);
        }
    }

    private static SortedSet<BenchmarkListEntry> find(List<String> includes, List<String> excludes) {
        var nowhere = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        return BenchmarkList.defaultList().find(nowhere, includes, excludes);
    }

    private static List<String> names(SortedSet<BenchmarkListEntry> entries) {
        return entries.stream()
                .map(entry -> shortName(entry.getUsername()))
                .distinct()
                .toList();
    }

    /** The name of a benchmark without its package. */
    static String shortName(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
    }

    private void requireKnown(List<String> parameters) {
        SortedSet<String> known = new TreeSet<>();
        entries.forEach(entry -> known.addAll(declared(entry).keySet()));
        for (String name : parameters) {
            if (!known.contains(name)) {
                throw new StampException("-p " + name + "=... is no parameter of the chosen benchmarks; they have "
                        + String.join(", ", known) + ".");
            }
        }
    }

    private static Map<String, String[]> declared(BenchmarkListEntry entry) {
        return entry.getParams().orElse(Map.of());
    }

    /** One benchmark with every combination of its parameters. */
    private void add(BenchmarkListEntry entry) {
        List<Map<String, String>> combinations = new ArrayList<>(List.of(Map.of()));
        for (Map.Entry<String, String[]> parameter : new TreeMap<>(declared(entry)).entrySet()) {
            var given = options.getParameter(parameter.getKey());
            List<String> values = List.copyOf(given.orElse(List.of(parameter.getValue())));
            combinations = combinations.stream()
                    .flatMap(one -> values.stream().map(value -> with(one, parameter.getKey(), value)))
                    .toList();
        }
        combinations.forEach(one -> check(entry, one));
        runs += combinations.size();
        seconds += combinations.size() * seconds(entry);
    }

    private static Map<String, String> with(Map<String, String> combination, String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(combination);
        more.put(name, value);
        return more;
    }

    private static void check(BenchmarkListEntry entry, Map<String, String> parameters) {
        try {
            Object benchmark = Class.forName(entry.getUserClassQName())
                    .getDeclaredConstructor()
                    .newInstance();
            for (Map.Entry<String, String> parameter : parameters.entrySet()) {
                set(benchmark, parameter.getKey(), parameter.getValue());
            }
            ((CheckedBenchmark) benchmark).check();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(entry.getUsername() + " is not made as JMH's benchmarks are", e);
        }
    }

    private static void set(Object benchmark, String name, String value) throws ReflectiveOperationException {
        Field field = field(benchmark.getClass(), name);
        field.setAccessible(true);
        if (field.getType() != int.class) {
            field.set(benchmark, value);
            return;
        }
        try {
            field.setInt(benchmark, Integer.parseInt(value));
        } catch (NumberFormatException e) {
            throw new StampException("-p " + name + "=" + value + " is not a whole number.", e);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            for (Field field : declaring.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return field;
                }
            }
        }
        throw new NoSuchFieldException(name);
    }

    /** What one combination of parameters takes in all its JVMs; the user's options come before those of the benchmark. */
    private double seconds(BenchmarkListEntry entry) {
        int forks = options.getForkCount().orElse(entry.getForks().orElse(Defaults.MEASUREMENT_FORKS))
                + options.getWarmupForkCount().orElse(entry.getWarmupForks().orElse(Defaults.WARMUP_FORKS));
        int warmUps =
                options.getWarmupIterations().orElse(entry.getWarmupIterations().orElse(Defaults.WARMUP_ITERATIONS));
        int measurements = options.getMeasurementIterations()
                .orElse(entry.getMeasurementIterations().orElse(Defaults.MEASUREMENT_ITERATIONS));
        TimeValue warmUp = options.getWarmupTime().orElse(entry.getWarmupTime().orElse(Defaults.WARMUP_TIME));
        TimeValue measurement =
                options.getMeasurementTime().orElse(entry.getMeasurementTime().orElse(Defaults.MEASUREMENT_TIME));
        double once = warmUps * seconds(warmUp) + measurements * seconds(measurement) + EACH_START.toSeconds();
        return Math.max(1, forks) * once;
    }

    private static double seconds(TimeValue time) {
        return time.getTimeUnit().toNanos(time.getTime()) * 1e-9;
    }

    /** How much there is to do and about how long that takes. */
    public String announcement() {
        int benchmarks = names(entries).size();
        String time = seconds < 90 ? Math.round(seconds) + " seconds" : Math.round(seconds / 60) + " minutes";
        return runs + (runs == 1 ? " run of " : " runs of ") + benchmarks
                + (benchmarks == 1 ? " benchmark, about " : " benchmarks, about ") + time
                + " (calls that take longer than an iteration need more).";
    }
}
