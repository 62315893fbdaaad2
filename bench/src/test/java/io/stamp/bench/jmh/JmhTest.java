package io.stamp.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class JmhTest {
    private static final List<Class<?>> GROUPS = List.of(
            GemmBenchmark.class,
            ConvolutionBenchmark.class,
            DepthwiseBenchmark.class,
            NormalisationBenchmark.class,
            PoolingBenchmark.class,
            LossBenchmark.class,
            OptimiserBenchmark.class,
            LayerBenchmark.class,
            NetworkBenchmark.class,
            StampBenchmark.class);

    @TempDir
    private Path folder;

    /** Times do not matter here, so that benchmarks may be running elsewhere on the machine. */
    @BeforeAll
    static void ignoreOthers() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    @Test
    void aBenchmarkYieldsItsSecondaryResults() throws Exception {
        var options = new OptionsBuilder()
                .include(GemmBenchmark.class.getName() + ".gemm$")
                .param("size", "64x64x64")
                .param("storage", "NT")
                .param("threads", "1")
                .forks(0)
                .warmupIterations(1)
                .warmupTime(TimeValue.milliseconds(50))
                .measurementIterations(2)
                .measurementTime(TimeValue.milliseconds(50))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();

        RunResult result = new Runner(options).run().iterator().next();

        double calls = result.getPrimaryResult().getScore();
        assertThat(calls).isPositive();
        double macs = 64.0 * 64 * 64;
        assertRate(result, "gigaflops", calls * 2 * macs * 1e-9);
        assertRate(result, "gigabytes", calls * 3 * 64 * 64 * Float.BYTES * 1e-9);
        double roofline = secondary(result, "roofline");
        assertThat(roofline).isPositive().isFinite();
        assertThat(Math.max(secondary(result, "arithmetic"), secondary(result, "memory")))
                .isBetween(0.999 * roofline, 1.001 * roofline);
    }

    private static double secondary(RunResult result, String name) {
        return result.getSecondaryResults().get(name).getScore();
    }

    private static void assertRate(RunResult result, String name, double expected) {
        assertThat(secondary(result, name) / expected).as(name).isBetween(0.999, 1.001);
    }

    @Test
    void everyBenchmarkIsInTheList() {
        Set<String> listed = new TreeSet<>();
        BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(BenchmarkListEntry::getUsername)
                .forEach(listed::add);

        Set<String> declared = new TreeSet<>();
        for (Class<?> group : GROUPS) {
            Stream.of(group.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .forEach(method -> declared.add(group.getName() + "." + method.getName()));
        }
        assertThat(declared).hasSizeGreaterThanOrEqualTo(GROUPS.size());
        assertThat(listed).isEqualTo(declared);
    }

    @Test
    void theCommandHandsItsOptionsOver() throws Exception {
        Path json = folder.resolve("result.json");
        List<Object> words = new ArrayList<>(List.of("jmh", "Loss.*forward$", "-p", "size=64x10", "-p", "threads=1"));
        words.addAll(List.of("-f", "0", "-wi", "0", "-i", "1", "-r", "20ms", "-v", "SILENT", "-rf", "json"));
        words.addAll(List.of("-rff", json));

        CommandRun run = CommandRun.of(words.toArray());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(json)).contains("LossBenchmark.forward", "roofline", "\"forks\" : 0");
    }

    @Test
    void aMistakeIsOneSentenceBeforeAnythingRuns() {
        assertRefused("JMH does not understand its options", "--no-such-option");
        assertRefused("No benchmark matches Foo, Bar; there are ConvolutionBenchmark.forward, ", "Foo", "Bar");
        assertRefused("'Convolution[' is not a regular expression", "Convolution[");
        assertRefused("'*x' is not a regular expression", "-l", "*x");
        assertRefused("'(' is not a regular expression", "Loss", "-e", "(");
        assertRefused("'(' is not a regular expression", "Loss", "-wmb", "(");
        assertRefused("-p colour=... is no parameter", "Loss", "-p", "colour=red");
        assertRefused("they have size, threads.", "Loss", "-pcolour=red");
        assertRefused("-p size=64 is not NxCLASSES", "Loss.*forward$", "-p", "size=64x10,64");
        assertRefused("-p size=1x2 is not NxHxWxCxOxKxSTRIDE", "ConvolutionBenchmark", "-p", "size=1x2");
        assertRefused("-p size=0 is too small", "Optimiser", "-p", "size=0");
        assertRefused("divisible", "Pooling", "-p", "size=2x3x4");
        assertRefused("-p storage=XY", "GemmBenchmark", "-p", "storage=XY");
        assertRefused("lenet", "Network", "-p", "network=lenet");
        assertRefused("-p network=resnet20:x", "Stamp", "-p", "network=resnet20:x");
        assertRefused("-p batch=two is not a whole number", "Network", "-p", "batch=two");
        assertRefused("-p threads=-1 is too small", "-p", "threads=-1");
        assertRefused("-p threads=N", "Loss", "-t", "2");
        assertRefused("Cannot write", "Loss", "-o", folder.toString());
        assertRefused("Cannot write", "Loss", "-rff", folder.toString());
    }

    private static void assertRefused(String problem, String... arguments) {
        CommandRun run = CommandRun.of(
                Stream.concat(Stream.of("jmh"), Stream.of(arguments)).toArray());

        assertThat(run.err()).contains(problem).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void aRunIsAnnouncedWithItsTimeAndItsResultsHaveUnits() throws Exception {
        Path log = folder.resolve("log.txt");
        List<Object> words =
                new ArrayList<>(List.of("jmh", "GemmBenchmark", "-p", "size=64x64x64", "-p", "storage=NT"));
        words.addAll(List.of("-p", "threads=0,1", "-f", "0", "-wi", "0", "-i", "2", "-r", "50ms", "-o", log));

        CommandRun run = CommandRun.of(words.toArray());

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> lines = Files.readAllLines(log);
        assertThat(lines.getFirst()).startsWith("# 2 runs of 1 benchmark, about 4 seconds");
        String table = String.join("\n", lines);
        assertThat(table)
                .containsPattern(
                        "benchmark +size +storage +threads +score +[+]- +unit +GFLOP/s +peak +GB/s +peak +roofline")
                .containsPattern("GemmBenchmark.gemm +64x64x64 +NT +"
                        + Runtime.getRuntime().availableProcessors() + " +[0-9.,]+ +calls/s +[0-9.]+ +[0-9.,]+ ")
                .contains("peak: what multiply-adds in registers")
                .doesNotContain("ops/s");
    }

    @Test
    void theTableIsTheSameInOtherModesAndUnits() throws Exception {
        Path log = folder.resolve("log.txt");
        List<Object> words =
                new ArrayList<>(List.of("jmh", "GemmBenchmark", "-p", "size=64x64x64", "-p", "storage=NT"));
        words.addAll(
                List.of("-p", "threads=1", "-f", "0", "-wi", "3", "-w", "50ms", "-i", "3", "-r", "50ms", "-o", log));
        words.addAll(List.of("-bm", "avgt,thrpt", "-tu", "ms"));

        CommandRun run = CommandRun.of(words.toArray());

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String[]> rows = Files.readAllLines(log).stream()
                .filter(line -> line.startsWith("GemmBenchmark.gemm "))
                .map(line -> line.split(" +"))
                .toList();
        assertThat(rows).extracting(row -> row[6]).containsExactlyInAnyOrder("calls/ms", "ms/call");
        double gigaflopsOfACall = 2 * 64.0 * 64 * 64 * 1e-9;
        for (String[] row : rows) {
            double score = Double.parseDouble(row[4]);
            double callsPerSecond = 1000 * (row[6].equals("calls/ms") ? score : 1 / score);
            // Both are rounded; a wrong unit would be a factor of a thousand.
            assertThat(Double.parseDouble(row[7]) / (callsPerSecond * gigaflopsOfACall))
                    .isBetween(0.3, 3.0);
        }
    }

    @Test
    void aBenchmarkThatFailsIsAnErrorInOneSentence() throws Exception {
        // The heap has room for the sizes alone.
        Path log = folder.resolve("log.txt");
        CommandRun run = CommandRun.of(
                "jmh",
                "Optimiser.*sgd",
                "-p",
                "size=2147483647",
                "-p",
                "threads=1",
                "-f",
                "0",
                "-wi",
                "0",
                "-i",
                "1",
                "-o",
                log);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("JMH stopped: ").hasLineCount(1);
        assertThat(Files.readString(log)).doesNotContain("\tat ");
    }

    @Test
    void helpSaysWhatTheResultsMean() {
        CommandRun run = CommandRun.of("jmh", "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("GFLOP/s", "roofline", "-p threads=N", "jmh -l");
    }
}
