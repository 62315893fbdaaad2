package io.stamp.bench.peers;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.bench.measure.Rate;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.hardware.Cpu;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code peers} reports.
 *
 * @param engines ours and the others, name and version
 * @param results one a piece of work
 * @param leftOut names of work that no other engine can do, with the reasons; it is not among the results
 * @param memory of fresh processes; empty where nobody asked for it
 * @param pauses how often a turn waited for silence before it began
 * @param disturbedPauses how often there was none, so that something of the turn before may still have been running
 */
public record PeersReport(
        int threads,
        List<Engine> engines,
        List<WorkResult> results,
        Map<String, String> leftOut,
        List<PeerMemory> memory,
        int pauses,
        int disturbedPauses,
        PeerEnvironment environment,
        Provenance provenance) {

    /** Our engine is not compared with itself. */
    private static final String NONE = "";

    /** An engine that took part. */
    public record Engine(String name, String version) {}

    /**
     * One piece of work.
     *
     * @param kind {@code train}, {@code infer}, {@code convolution}, {@code convolution gradients} or {@code gemm}
     * @param unit of all rates
     * @param entries all that took part
     * @param best the fastest entry of each other engine, with how many times faster ours is
     */
    public record WorkResult(String work, String kind, String unit, List<Contest.Result> entries, List<Best> best) {
        public static WorkResult of(Workload workload, List<Contest.Result> entries) {
            List<Best> best = entries.stream()
                    .filter(entry -> entry.advantage() != null)
                    .map(Contest.Result::family)
                    .distinct()
                    .map(family -> Best.of(family, entries))
                    .toList();
            return new WorkResult(workload.name(), kind(workload), workload.unit(), List.copyOf(entries), best);
        }

        private static String kind(Workload workload) {
            return switch (workload) {
                case Workload.TrainStep _ -> "train";
                case Workload.Inference _ -> "infer";
                case Workload.Convolution convolution ->
                    convolution.gradients() ? "convolution gradients" : "convolution";
                case Workload.Gemm _ -> "gemm";
            };
        }
    }

    /**
     * The fastest variant of another engine on some work.
     *
     * @param advantage how many times faster ours was
     */
    public record Best(String family, String peer, int threads, Rate rate, Rate advantage) {
        static Best of(String family, List<Contest.Result> entries) {
            return entries.stream()
                    .filter(entry -> entry.advantage() != null && entry.family().equals(family))
                    .min(Comparator.comparingDouble(entry -> entry.advantage().median()))
                    .map(entry -> new Best(family, entry.peer(), entry.threads(), entry.rate(), entry.advantage()))
                    .orElseThrow();
        }
    }

    /** For people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(
                Cpu.detect().model() + ", at most " + threads + " threads, Java " + System.getProperty("java.version"));
        engines.forEach(engine -> lines.add(engine.name() + ": " + engine.version()));
        environment.set().forEach((name, value) -> lines.add(name + "=" + value));
        environment
                .removed()
                .forEach((name, value) -> lines.add(name + "=" + value + " removed, it holds an engine back"));
        if (!results.isEmpty()) {
            lines.add("");
            lines.addAll(allEntries());
            lines.add("");
            lines.addAll(summary());
            lines.addAll(means());
            lines.add("");
            lines.addAll(legend());
        }
        if (!memory.isEmpty()) {
            lines.add("");
            lines.addAll(PeerMemory.lines(memory));
        }
        List<String> absences = absences();
        if (!absences.isEmpty()) {
            lines.add("");
            lines.addAll(absences);
        }
        if (disturbedPauses > 0) {
            lines.add("");
            lines.add(
                    disturbedPauses + " of " + pauses + " turns began while something in this process still computed.");
        }
        return lines;
    }

    private List<String> allEntries() {
        TextTable table = new TextTable(
                "work", "engine", "threads", "rate", "p10", "p90", "unit", "stamp/it", "p10", "p90", "difference");
        for (WorkResult result : results) {
            for (Contest.Result entry : result.entries()) {
                Rate rate = entry.rate();
                Rate advantage = entry.advantage();
                if (rate == null) {
                    continue;
                }
                table.row(
                        result.work(),
                        entry.peer(),
                        String.valueOf(entry.threads()),
                        Numbers.rate(rate.median()),
                        Numbers.rate(rate.p10()),
                        Numbers.rate(rate.p90()),
                        result.unit(),
                        advantage == null ? NONE : Numbers.rate(advantage.median()),
                        advantage == null ? NONE : Numbers.rate(advantage.p10()),
                        advantage == null ? NONE : Numbers.rate(advantage.p90()),
                        advantage == null ? NONE : largest(entry.differences()));
            }
        }
        return table.lines();
    }

    /** What the headings of the tables mean. */
    private List<String> legend() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "rate, p10, p90  median over the steps, images or billions of operations per second; a tenth were slower, a tenth"
                        + " faster");
        lines.add(
                "stamp/it        our rate over theirs in the same round of turns, median of the rounds; above 1 stamp is faster");
        lines.add(
                "difference      of its outputs from ours, compared before anything was timed; rounding alone is allowed");
        lines.add("the fastest of  an engine that runs in several variants counts with its fastest, named under 'as'");
        if (results.stream()
                .flatMap(result -> result.entries().stream())
                .anyMatch(entry -> entry.threads() < threads)) {
            lines.add("threads         less than " + threads
                    + ": that engine may be faster so, or inference on one image runs on one"
                    + " thread, which --modes calls single");
        }
        return lines;
    }

    /** Who is missing in the tables, and why. */
    private List<String> absences() {
        Map<String, Integer> rows = new LinkedHashMap<>();
        results.stream()
                .flatMap(result -> result.entries().stream())
                .filter(entry -> entry.reason() != null)
                .forEach(entry -> rows.merge(entry.peer() + " " + entry.reason(), 1, Integer::sum));
        List<String> lines = new ArrayList<>();
        rows.forEach((why, count) -> lines.add("missing " + count + (count == 1 ? " time: " : " times: ") + why));
        leftOut.forEach((name, why) -> lines.add("left out '" + name + "': " + why));
        return lines;
    }

    private static String largest(Map<String, Double> differences) {
        double largest = differences.values().stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
        return String.format(Locale.ROOT, "%.1e", largest);
    }

    private List<String> summary() {
        TextTable table =
                new TextTable("work", "stamp", "unit", "the fastest of", "as", "threads", "its rate", "stamp/it");
        for (WorkResult result : results) {
            for (Best best : result.best()) {
                table.row(
                        result.work(),
                        Numbers.rate(result.entries().getFirst().rate().median()),
                        result.unit(),
                        best.family(),
                        best.peer(),
                        String.valueOf(best.threads()),
                        Numbers.rate(best.rate().median()),
                        Numbers.rate(best.advantage().median()));
            }
        }
        return table.lines();
    }

    /** Geometric means over the convolutions, which are judged together. */
    private List<String> means() {
        List<String> lines = new ArrayList<>();
        List<String> families = results.stream()
                .flatMap(result -> result.best().stream())
                .map(Best::family)
                .distinct()
                .toList();
        for (String kind : List.of("convolution", "convolution gradients")) {
            for (String family : families) {
                List<Double> advantages = results.stream()
                        .filter(result -> result.kind().equals(kind))
                        .flatMap(result -> result.best().stream())
                        .filter(best -> best.family().equals(family))
                        .map(best -> best.advantage().median())
                        .toList();
                if (advantages.size() > 1) {
                    lines.add(mean(kind, family, advantages));
                }
            }
        }
        if (!lines.isEmpty()) {
            lines.addFirst("");
        }
        return lines;
    }

    private static String mean(String kind, String family, List<Double> advantages) {
        double logarithms = advantages.stream().mapToDouble(Math::log).average().orElseThrow();
        double least =
                advantages.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        return advantages.size() + " of kind '" + kind + "': stamp/" + family + " is "
                + Numbers.rate(Math.exp(logarithms)) + " in the geometric mean and " + Numbers.rate(least)
                + " at least";
    }
}
