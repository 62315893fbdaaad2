package io.stamp.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.cli.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The Markdown tables of docs/gpu.md, from reports of {@code gpu-check} taken together. */
public final class ReportTables {
    private static final String NONE = "-";
    private static final String FULL = "1.0";

    /** What is measured in several modes. */
    private record Subject(String network, String width, int batch) {
        static Subject of(JsonNode result) {
            return new Subject(
                    result.path("network").asText(),
                    result.path("width").asText(),
                    result.path("batch").asInt());
        }

        String name() {
            return network + (width.equals(FULL) ? "" : " x" + width);
        }
    }

    private final List<JsonNode> reports;
    private final List<String> lines = new ArrayList<>();

    private ReportTables(List<JsonNode> reports) {
        this.reports = reports;
    }

    /** @throws io.stamp.engine.StampException if a file cannot be read */
    public static List<String> of(List<Path> files) {
        ReportTables tables =
                new ReportTables(files.stream().<JsonNode>map(JsonFile::read).toList());
        tables.networks(NetworkPart.TRAINING, "tf32");
        tables.networks(NetworkPart.TRAINING, "bf16");
        tables.networks(NetworkPart.INFERENCE, "tf32");
        tables.narrow("tf32");
        tables.memoryBound();
        tables.steps();
        return tables.lines;
    }

    private Stream<JsonNode> section(String name) {
        return reports.stream().flatMap(report -> {
            List<JsonNode> all = new ArrayList<>();
            report.path(name).forEach(all::add);
            return all.stream();
        });
    }

    private Map<Subject, Map<String, Double>> rates(String section, String work, String precision) {
        Map<Subject, Map<String, Double>> rates = new LinkedHashMap<>();
        section(section)
                .filter(result -> result.path("work").asText().equals(work)
                        && result.path("precision").asText().equals(precision))
                .forEach(result -> rates.computeIfAbsent(Subject.of(result), _ -> new LinkedHashMap<>())
                        .put(
                                result.path("mode").asText(),
                                result.at("/images_per_second/median").asDouble()));
        return rates;
    }

    /** Images a second in every mode, and how many times as fast as PyTorch STAMP is. */
    private void networks(String work, String precision) {
        Map<Subject, Map<String, Double>> ours = rates(GpuReport.NETWORKS, work, precision);
        Map<Subject, Map<String, Double>> theirs = rates(GpuReport.PYTORCH, work, precision);
        if (ours.isEmpty()) {
            return;
        }
        List<String> ourModes = modes(ours);
        List<String> theirModes = modes(theirs);
        List<String> head = new ArrayList<>(List.of(work + ", " + precision, "batch"));
        ourModes.forEach(mode -> head.add("STAMP " + mode));
        theirModes.forEach(mode -> head.add("PyTorch " + mode));
        head.addAll(List.of("x PyTorch eager", "x its best"));
        head(head, 1);
        ours.forEach((subject, rates) -> {
            Map<String, Double> other = theirs.getOrDefault(subject, Map.of());
            List<String> row = new ArrayList<>(List.of(subject.name(), String.valueOf(subject.batch)));
            ourModes.forEach(mode -> row.add(count(rates.get(mode))));
            theirModes.forEach(mode -> row.add(count(other.get(mode))));
            double best = Collections.max(rates.values());
            row.add(ratio(best, Optional.ofNullable(other.get("eager"))));
            row.add(ratio(best, other.values().stream().max(Double::compare)));
            row(row);
        });
    }

    private static List<String> modes(Map<Subject, Map<String, Double>> rates) {
        return rates.values().stream()
                .flatMap(modes -> modes.keySet().stream())
                .distinct()
                .toList();
    }

    /** How many times as fast a narrow network trains and infers as the full one. */
    private void narrow(String precision) {
        List<String> works = List.of(NetworkPart.TRAINING, NetworkPart.INFERENCE);
        Set<String> cells = new LinkedHashSet<>();
        Map<Subject, Map<String, String>> rows = new LinkedHashMap<>();
        for (String work : works) {
            Map<Subject, Map<String, Double>> rates = rates(GpuReport.NETWORKS, work, precision);
            rates.forEach((subject, modes) -> {
                Map<String, Double> full = rates.get(new Subject(subject.network, FULL, subject.batch));
                if (!subject.width.equals(FULL) && full != null) {
                    modes.forEach((mode, rate) -> {
                        cells.add(work + ", " + mode);
                        rows.computeIfAbsent(subject, _ -> new LinkedHashMap<>())
                                .put(work + ", " + mode, ratio(rate, Optional.ofNullable(full.get(mode))));
                    });
                }
            });
        }
        if (rows.isEmpty()) {
            return;
        }
        head(
                Stream.concat(Stream.of("times as fast as the full network, " + precision, "batch"), cells.stream())
                        .toList(),
                1);
        rows.forEach((subject, row) -> row(Stream.concat(
                        Stream.of(subject.name(), String.valueOf(subject.batch)),
                        cells.stream().map(cell -> row.getOrDefault(cell, NONE)))
                .toList()));
    }

    /** The shares of the copy bandwidth that kernels without arithmetic reach, by the tensors they ran on. */
    private void memoryBound() {
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        section(GpuReport.KERNELS)
                .filter(kernel -> kernel.path("teraflops").asDouble() == 0)
                .forEach(kernel -> rows.computeIfAbsent(kernel.path("kernel").asText(), _ -> new LinkedHashMap<>())
                        .put(
                                kernel.path("shape").asText(),
                                percent(kernel.path("share_of_ceiling").asDouble())));
        List<String> shapes = rows.values().stream()
                .flatMap(row -> row.keySet().stream())
                .distinct()
                .toList();
        if (!rows.isEmpty()) {
            head(
                    Stream.concat(Stream.of("share of the copy bandwidth"), shapes.stream())
                            .toList(),
                    1);
            rows.forEach((kernel, row) ->
                    row(Stream.concat(Stream.of(kernel), shapes.stream().map(shape -> row.getOrDefault(shape, NONE)))
                            .toList()));
        }
    }

    /** Where the time of a step goes, from a profiler's list of kernels. */
    private void steps() {
        Map<String, Predicate<String>> kinds = new LinkedHashMap<>();
        kinds.put(
                "`moments`, `batch_norm_sums`",
                name -> name.startsWith("moments_") || name.startsWith("batch_norm_sums_"));
        kinds.put("convolutions and GEMMs", name -> name.matches("(convolution_|direct_|depthwise_|sm\\d+_|void ).*"));
        kinds.put("all others", _ -> true);
        Map<String, List<JsonNode>> steps = section("step_kernels")
                .collect(Collectors.groupingBy(
                        kernel -> Subject.of(kernel).name(), LinkedHashMap::new, Collectors.toList()));
        if (steps.isEmpty()) {
            return;
        }
        List<String> columns = Stream.concat(Stream.of("kernels", "us"), kinds.keySet().stream())
                .toList();
        head(Stream.concat(Stream.of("us of a step"), columns.stream()).toList(), 1);
        steps.forEach((network, kernels) -> {
            double total = microseconds(kernels);
            int calls = kernels.stream()
                    .mapToInt(kernel -> kernel.path("calls").asInt())
                    .sum();
            List<String> row = new ArrayList<>(List.of(network, String.valueOf(calls), count(total)));
            List<JsonNode> left = new ArrayList<>(kernels);
            kinds.values().forEach(kind -> {
                List<JsonNode> of = left.stream()
                        .filter(kernel -> kind.test(kernel.path("kernel").asText()))
                        .toList();
                left.removeAll(of);
                row.add(count(microseconds(of)) + " (" + percent(microseconds(of) / total) + ")");
            });
            row(row);
        });
    }

    private static double microseconds(List<JsonNode> kernels) {
        return kernels.stream()
                .mapToDouble(kernel -> kernel.path("microseconds").asDouble())
                .sum();
    }

    /** @param words columns at the left that are not numbers */
    private void head(List<String> cells, int words) {
        if (!lines.isEmpty()) {
            lines.add("");
        }
        row(cells);
        row(IntStream.range(0, cells.size())
                .mapToObj(i -> i < words ? "---" : "---:")
                .toList());
    }

    private void row(List<String> cells) {
        lines.add("| " + String.join(" | ", cells) + " |");
    }

    private static String count(Double value) {
        return value == null ? NONE : String.format(Locale.ROOT, "%,d", Math.round(value));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String ratio(double value, Optional<Double> other) {
        return other.map(of -> String.format(Locale.ROOT, "%.2f", value / of)).orElse(NONE);
    }
}
