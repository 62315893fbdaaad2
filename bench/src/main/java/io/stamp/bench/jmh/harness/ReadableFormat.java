package io.stamp.bench.jmh.harness;

import java.io.IOException;
import java.util.Collection;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** JMH's own report of a run, except for results, which get their units, and for stack traces, of which the first line stays. */
public final class ReadableFormat implements OutputFormat {
    private final OutputFormat text;

    /** Writes where {@code text} writes. */
    public ReadableFormat(OutputFormat text) {
        this.text = text;
    }

    @Override
    public void iterationResult(
            BenchmarkParams benchmark, IterationParams params, int iteration, IterationResult result) {
        Result<?> primary = result.getPrimaryResult();
        text.println(String.format("%.3f %s", primary.getScore(), ResultTable.unit(primary)));
    }

    /** The result is in the table at the end. */
    @Override
    public void endBenchmark(BenchmarkResult result) {
        text.println("");
    }

    @Override
    public void endRun(Collection<RunResult> results) {
        ResultTable.lines(results).forEach(text::println);
    }

    @Override
    public void println(String line) {
        text.println(
                line.contains("\n\tat ")
                        ? line.lines().filter(one -> !one.startsWith("\tat ")).collect(Collectors.joining("\n"))
                        : line);
    }

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams params, int iteration) {
        text.iteration(benchmark, params, iteration);
    }

    @Override
    public void startBenchmark(BenchmarkParams benchmark) {
        text.startBenchmark(benchmark);
    }

    @Override
    public void startRun() {
        text.startRun();
    }

    @Override
    public void print(String part) {
        text.print(part);
    }

    @Override
    public void flush() {
        text.flush();
    }

    @Override
    public void close() {
        text.close();
    }

    @Override
    public void verbosePrintln(String line) {
        text.verbosePrintln(line);
    }

    @Override
    public void write(int character) {
        text.write(character);
    }

    @Override
    public void write(byte[] characters) throws IOException {
        text.write(characters);
    }
}
