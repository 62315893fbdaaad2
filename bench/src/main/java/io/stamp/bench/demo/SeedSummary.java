package io.stamp.bench.demo;

import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.demo.DemoReport.VariantReport;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.prune.Stage;
import io.stamp.statistics.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    /** Names of the variants that the others are compared with, where they are there. */
    private static final List<String> YARDSTICKS = List.of("random", "full");

    /** What identifies an unfinished run with several seeds. */
    record Settings(DemoSettings demo, List<Long> seeds) {}

    /**
     * One variant over the seeds; the fields are those of {@link VariantReport}.
     *
     * @param keptAt share of the prunable channels that stay at each resolution; null for the full network
     * @param accuracyMinus differences of the accuracy to that of the yardsticks, seed by seed, by name of the yardstick
     */
    public record VariantSummary(
            Sample accuracy,
            Sample accuracyBeforeTraining,
            Map<String, Sample> accuracyMinus,
            Map<String, Sample> keptAt,
            Sample parameters,
            Sample macs,
            Sample searchSeconds,
            Sample trainingSeconds,
            Sample totalSeconds,
            Sample trainingImagesPerSecond,
            Sample trainingSpeedUp,
            Sample trainingEfficiency,
            Sample inferenceImagesPerSecond,
            Sample inferenceSpeedUp,
            Sample inferenceEfficiency) {

        private static VariantSummary of(List<VariantReport> runs, Map<String, Sample> yardsticks) {
            Sample accuracy = sample(runs, VariantReport::accuracy);
            Map<String, Sample> differences = new LinkedHashMap<>();
            yardsticks.forEach((name, yardstick) -> differences.put(name, accuracy.minus(yardstick)));
            return new VariantSummary(
                    accuracy,
                    sample(runs, VariantReport::accuracyBeforeTraining),
                    differences,
                    keptAt(runs),
                    sample(runs, VariantReport::parameters),
                    sample(runs, VariantReport::macs),
                    sample(runs, run -> run.seconds().search() + run.seconds().head()),
                    sample(runs, run -> run.seconds().training()),
                    sample(runs, run -> run.seconds().total()),
                    sample(runs, run -> run.training().imagesPerSecond().median()),
                    sample(runs, run -> run.training().speedUp()),
                    sample(runs, run -> run.training().efficiency()),
                    sample(runs, run -> run.inference().imagesPerSecond().median()),
                    sample(runs, run -> run.inference().speedUp()),
                    sample(runs, run -> run.inference().efficiency()));
        }

        private static Map<String, Sample> keptAt(List<VariantReport> runs) {
            if (runs.getFirst().pruning() == null) {
                return null;
            }
            Map<String, Sample> kept = new LinkedHashMap<>();
            List<Stage> stages = runs.getFirst().pruning().stages();
            for (int i = 0; i < stages.size(); i++) {
                int stage = i;
                kept.put(
                        stages.get(i).resolution(),
                        sample(runs, run -> run.pruning().stages().get(stage).share()));
            }
            return kept;
        }

        private static Sample sample(List<VariantReport> runs, ToDoubleFunction<VariantReport> of) {
            return Sample.of(runs.stream().mapToDouble(of).toArray());
        }
    }

    static SeedSummary of(List<DemoReport> reports) {
        DemoReport first = reports.getFirst();
        Map<String, VariantSummary> variants = new LinkedHashMap<>();
        for (String name : first.variants().keySet()) {
            Map<String, Sample> others = new LinkedHashMap<>();
            YARDSTICKS.stream()
                    .filter(yardstick ->
                            !yardstick.equals(name) && first.variants().containsKey(yardstick))
                    .forEach(yardstick -> others.put(
                            yardstick, VariantSummary.sample(runs(reports, yardstick), VariantReport::accuracy)));
            variants.put(name, VariantSummary.of(runs(reports, name), others));
        }
        return new SeedSummary(
                reports.stream().map(DemoReport::seed).toList(), first.settings(), variants, first.provenance());
    }

    private static List<VariantReport> runs(List<DemoReport> reports, String variant) {
        return reports.stream().map(report -> report.variants().get(variant)).toList();
    }

    /** Writes {@code summary.json} and {@code summary.md}. */
    void write(Path folder) {
        JsonFile.write(folder.resolve(JSON), this);
        AtomicFiles.writeString(folder.resolve(MARKDOWN), String.join("\n", lines()) + "\n");
    }

    /** A table in Markdown, one row a variant, and what its numbers are. */
    List<String> lines() {
        List<String> yardsticks =
                YARDSTICKS.stream().filter(variants::containsKey).toList();
        List<List<String>> rows = new ArrayList<>();
        rows.add(headings(yardsticks));
        variants.forEach((name, variant) -> rows.add(row(name, variant, yardsticks)));
        List<String> lines = new ArrayList<>(
                rows.stream().map(row -> "| " + String.join(" | ", row) + " |").toList());
        lines.add(1, "| --- |" + " ---: |".repeat(rows.getFirst().size() - 1));
        if (seeds.size() > 1) {
            lines.add("");
            lines.add("Mean over the seeds ± half of its " + Math.round(100 * Sample.CONFIDENCE)
                    + " % interval (Student's t); differences are of the accuracy in points, seed by seed.");
        }
        return lines;
    }

    private List<String> headings(List<String> yardsticks) {
        List<String> headings = new ArrayList<>(List.of(
                "variant",
                "accuracy, %",
                "seeds " + seeds.stream().map(String::valueOf).collect(Collectors.joining(", "))));
        yardsticks.forEach(yardstick -> headings.add("minus " + yardstick));
        headings.addAll(List.of(
                "channels kept, %",
                "parameters",
                "MACs",
                "search, s",
                "training, s",
                "training, images/s",
                "times faster",
                "inference, images/s",
                "times faster"));
        return headings;
    }

    private static List<String> row(String name, VariantSummary variant, List<String> yardsticks) {
        List<String> row = new ArrayList<>(List.of(
                name,
                variant.accuracy.text(100, 2),
                variant.accuracy.values().stream()
                        .map(value -> String.format(Locale.ROOT, "%.2f", 100 * value))
                        .collect(Collectors.joining(", "))));
        yardsticks.forEach(yardstick -> row.add(Optional.ofNullable(variant.accuracyMinus.get(yardstick))
                .map(difference -> difference.signed(100, 2))
                .orElse("")));
        row.addAll(List.of(
                keptAt(variant),
                Numbers.count(Math.round(variant.parameters.mean())),
                Numbers.millions(Math.round(variant.macs.mean())),
                variant.searchSeconds.text(1, 1),
                variant.trainingSeconds.text(1, 1),
                Numbers.count(Math.round(variant.trainingImagesPerSecond.mean())),
                variant.trainingSpeedUp.text(1, 2),
                Numbers.count(Math.round(variant.inferenceImagesPerSecond.mean())),
                variant.inferenceSpeedUp.text(1, 2)));
        return row;
    }

    /** {@code 32x32: 41.2, 16x16: 30.5}, means. */
    private static String keptAt(VariantSummary variant) {
        if (variant.keptAt == null) {
            return "";
        }
        return variant.keptAt.entrySet().stream()
                .map(stage -> String.format(
                        Locale.ROOT,
                        "%s: %.1f",
                        stage.getKey(),
                        100 * stage.getValue().mean()))
                .collect(Collectors.joining(", "));
    }
}
