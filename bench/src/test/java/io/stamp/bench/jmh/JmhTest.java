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
            MatrixProductBenchmark.class,
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
                .include(MatrixProductBenchmark.class.getName() + ".product$")
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
        assertThat(secondary(result, "roofline")).isPositive().isFinite();
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
    void aMistakeIsOneSentence() {
        CommandRun unknown = CommandRun.of("jmh", "--no-such-option");
        CommandRun none = CommandRun.of("jmh", "NoSuchBenchmark", "-v", "SILENT");

        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("JMH does not understand").hasLineCount(1);
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("No benchmark matches [NoSuchBenchmark").hasLineCount(1);
    }

    @Test
    void aBenchmarkThatFailsIsAnError() {
        CommandRun run = CommandRun.of("jmh", "Loss.*forward$", "-p", "size=64", "-f", "0", "-v", "SILENT");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("JMH stopped: Benchmark caught the exception")
                .hasLineCount(1);
    }

    @Test
    void helpSaysWhatTheResultsMean() {
        CommandRun run = CommandRun.of("jmh", "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("gigaflops", "roofline", "jmh -l");
    }
}
