package io.stamp.bench.jmh.harness;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * The results of a run with the units of what the benchmarks count, where JMH calls everything operations: see the counters of
 * {@code io.stamp.bench.jmh.Rates}.
 */
final class ResultTable {
    private static final String THREADS = "threads";

    /** Counters that have columns; what else there is comes from profilers. */
    private static final Set<String> COUNTERS =
            Set.of("gigaflops", "gigabytes", "arithmetic", "memory", "roofline", "images");

    private ResultTable() {}

    static List<String> lines(Collection<RunResult> results) {
        SortedSet<String> parameters = new TreeSet<>();
        results.forEach(result -> parameters.addAll(result.getParams().getParamsKeys()));
        List<String> headings = new ArrayList<>(List.of("benchmark"));
        headings.addAll(parameters);
        headings.addAll(List.of("score", "+-", "unit", "GFLOP/s", "peak", "GB/s", "peak", "roofline", "images/s"));
        TextTable table = new TextTable(headings.toArray(String[]::new));
        for (RunResult result : results) {
            List<String> cells = new ArrayList<>(
                    List.of(BenchmarkPlan.shortName(result.getParams().getBenchmark())));
            parameters.forEach(name -> cells.add(parameter(result.getParams(), name)));
            addScores(cells, result);
            table.row(cells.toArray(String[]::new));
        }
        List<String> lines = new ArrayList<>(table.lines());
        results.forEach(result -> addOthers(lines, result));
        lines.add("");
        lines.addAll(LEGEND);
        return lines;
    }

    private static final List<String> LEGEND = List.of(
            "score, +-      mean over the iterations with its 99.9 % confidence interval",
            "GFLOP/s        multiply-accumulates of convolutions and GEMMs, two operations each; GB/s: if all data were",
            "               touched once; peak: what multiply-adds in registers and a copy of as much memory reached in that JVM",
            "roofline       the share of the shortest time that these peaks allow, the larger of the two shares; above 1 where an"
                    + " algorithm needs fewer operations than are counted, as Winograd's");

    private static String parameter(BenchmarkParams params, String name) {
        String value = params.getParam(name);
        if (value == null) {
            return "";
        }
        boolean isAll = name.equals(THREADS) && value.equals("0");
        return isAll ? String.valueOf(Runtime.getRuntime().availableProcessors()) : value;
    }

    private static void addScores(List<String> cells, RunResult result) {
        Result<?> primary = result.getPrimaryResult();
        cells.add(Numbers.rate(primary.getScore()));
        cells.add(Double.isNaN(primary.getScoreError()) ? "" : Numbers.rate(primary.getScoreError()));
        cells.add(unit(primary));
        OptionalDouble gigaflops = counted(result, "gigaflops");
        OptionalDouble gigabytes = counted(result, "gigabytes");
        cells.add(text(gigaflops));
        cells.add(text(quotient(gigaflops, counted(result, "arithmetic"))));
        cells.add(text(gigabytes));
        cells.add(text(quotient(gigabytes, counted(result, "memory"))));
        cells.add(text(counted(result, "roofline")));
        cells.add(text(counted(result, "images")));
    }

    /** What a result counts, in the words of the table. */
    static String unit(Result<?> result) {
        return result.getScoreUnit().replaceFirst("\\bops\\b", "calls").replaceFirst("\\bop\\b", "call");
    }

    /** What a counter counted in a second; empty where it counted nothing, or in a mode without counters. */
    private static OptionalDouble counted(RunResult result, String name) {
        Result<?> counter = result.getSecondaryResults().get(name);
        if (counter == null) {
            return OptionalDouble.empty();
        }
        TimeUnit unit = result.getParams().getTimeUnit();
        double unitsPerSecond = 1e9 / unit.toNanos(1);
        boolean isTime = result.getParams().getMode() == Mode.AverageTime;
        double rate = unitsPerSecond * (isTime ? 1 / counter.getScore() : counter.getScore());
        return rate > 0 ? OptionalDouble.of(rate) : OptionalDouble.empty();
    }

    private static OptionalDouble quotient(OptionalDouble amount, OptionalDouble share) {
        return amount.isPresent() && share.isPresent()
                ? OptionalDouble.of(amount.getAsDouble() / share.getAsDouble())
                : OptionalDouble.empty();
    }

    private static String text(OptionalDouble value) {
        return value.isPresent() ? Numbers.rate(value.getAsDouble()) : "";
    }

    private static void addOthers(List<String> lines, RunResult result) {
        result.getSecondaryResults().forEach((name, other) -> {
            if (!COUNTERS.contains(name)) {
                lines.add(BenchmarkPlan.shortName(result.getParams().getBenchmark()) + " " + name + ": "
                        + Numbers.rate(other.getScore()) + " " + other.getScoreUnit());
            }
        });
    }
}
