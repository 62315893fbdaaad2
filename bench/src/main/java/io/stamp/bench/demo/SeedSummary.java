package io.stamp.bench.demo;

import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.demo.DemoReport.VariantReport;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.engine.checkpoint.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Several demos that differ in the seed alone, summed up.
 *
 * @param seeds in the order of all lists of values
 * @param settings of the first seed
 * @param variants by name
 * @param provenance of the first seed's run
 */
public record SeedSummary(
        List<Long> seeds, DemoSettings settings, Map<String, VariantSummary> variants, Provenance provenance) {
    static final String JSON = "summary.json";
    static final String MARKDOWN = "summary.md";

    /** What identifies an unfinished run with several seeds. */
    record Settings(DemoSettings demo, List<Long> seeds) {}

    /**
     * One number over the seeds.
     *
     * @param deviation sample standard deviation; 0 for a single seed
     */
    public record Spread(double mean, double deviation, List<Double> values) {
        static Spread of(List<Double> values) {
            double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
            double squares =
                    values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
            double deviation = values.size() == 1 ? 0 : Math.sqrt(squares / (values.size() - 1));
            return new Spread(mean, deviation, List.copyOf(values));
        }

        /** Mean and deviation, multiplied, with so many digits after the point. */
        private String text(double factor, int digits) {
            String format = "%." + digits + "f";
            String text = String.format(Locale.ROOT, format, factor * mean);
            return values.size() == 1 ? text : text + " ± " + String.format(Locale.ROOT, format, factor * deviation);
        }
    }

    /** One variant over the seeds; the fields are those of {@link VariantReport}. */
    public record VariantSummary(
            Spread accuracy,
            Spread accuracyBeforeTraining,
            Spread parameters,
            Spread macs,
            Spread searchSeconds,
            Spread trainingSeconds,
            Spread totalSeconds,
            Spread trainingImagesPerSecond,
            Spread trainingSpeedUp,
            Spread trainingEfficiency,
            Spread inferenceImagesPerSecond,
            Spread inferenceSpeedUp,
            Spread inferenceEfficiency) {

        private static VariantSummary of(List<VariantReport> runs) {
            return new VariantSummary(
                    spread(runs, VariantReport::accuracy),
                    spread(runs, VariantReport::accuracyBeforeTraining),
                    spread(runs, VariantReport::parameters),
                    spread(runs, VariantReport::macs),
                    spread(runs, run -> run.seconds().search() + run.seconds().head()),
                    spread(runs, run -> run.seconds().training()),
                    spread(runs, run -> run.seconds().total()),
                    spread(runs, run -> run.training().imagesPerSecond().median()),
                    spread(runs, run -> run.training().speedUp()),
                    spread(runs, run -> run.training().efficiency()),
                    spread(runs, run -> run.inference().imagesPerSecond().median()),
                    spread(runs, run -> run.inference().speedUp()),
                    spread(runs, run -> run.inference().efficiency()));
        }

        private static Spread spread(List<VariantReport> runs, ToDoubleFunction<VariantReport> of) {
            return Spread.of(runs.stream().map(of::applyAsDouble).toList());
        }
    }

    static SeedSummary of(List<DemoReport> reports) {
        DemoReport first = reports.getFirst();
        Map<String, VariantSummary> variants = new LinkedHashMap<>();
        for (String name : first.variants().keySet()) {
            variants.put(
                    name,
                    VariantSummary.of(reports.stream()
                            .map(report -> report.variants().get(name))
                            .toList()));
        }
        return new SeedSummary(
                reports.stream().map(DemoReport::seed).toList(), first.settings(), variants, first.provenance());
    }

    /** Writes {@code summary.json} and {@code summary.md}. */
    void write(Path folder) {
        JsonFile.write(folder.resolve(JSON), this);
        AtomicFiles.writeString(folder.resolve(MARKDOWN), String.join("\n", lines()) + "\n");
    }

    /** A table in Markdown, one row a variant. */
    List<String> lines() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {
            "variant",
            "accuracy, %",
            "seeds " + seeds.stream().map(String::valueOf).collect(Collectors.joining(", ")),
            "parameters",
            "MACs",
            "search, s",
            "training, s",
            "training, images/s",
            "times faster",
            "inference, images/s",
            "times faster"
        });
        variants.forEach((name, variant) -> rows.add(row(name, variant)));
        List<String> lines = new ArrayList<>(
                rows.stream().map(row -> "| " + String.join(" | ", row) + " |").toList());
        lines.add(1, "| --- |" + " ---: |".repeat(rows.getFirst().length - 1));
        return lines;
    }

    private static String[] row(String name, VariantSummary variant) {
        return new String[] {
            name,
            variant.accuracy.text(100, 2),
            variant.accuracy.values.stream()
                    .map(value -> String.format(Locale.ROOT, "%.2f", 100 * value))
                    .collect(Collectors.joining(", ")),
            Numbers.count(Math.round(variant.parameters.mean)),
            Numbers.millions(Math.round(variant.macs.mean)),
            variant.searchSeconds.text(1, 1),
            variant.trainingSeconds.text(1, 1),
            Numbers.count(Math.round(variant.trainingImagesPerSecond.mean)),
            variant.trainingSpeedUp.text(1, 2),
            Numbers.count(Math.round(variant.inferenceImagesPerSecond.mean)),
            variant.inferenceSpeedUp.text(1, 2)
        };
    }
}
