package io.stamp.bench.demo;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.bench.demo.DemoReport.VariantReport;
import io.stamp.method.PruningDetails;
import io.stamp.prune.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A demo's report for people: one column a variant. */
final class ReportTable {
    private final DemoReport report;
    private final TextTable table;

    private ReportTable(DemoReport report) {
        this.report = report;
        this.table = new TextTable(cells("", report.variants().keySet().stream()));
    }

    static List<String> lines(DemoReport report) {
        return new ReportTable(report).lines();
    }

    private static String[] cells(String first, Stream<String> others) {
        return Stream.concat(Stream.of(first), others).toArray(String[]::new);
    }

    private void row(String name, Function<VariantReport, String> cell) {
        table.row(cells(name, report.variants().values().stream().map(cell)));
    }

    private List<String> lines() {
        row("accuracy on the target", v -> Numbers.percent(v.accuracy()));
        row("  before training", v -> Numbers.percent(v.accuracyBeforeTraining()));
        row("parameters", v -> Numbers.count(v.parameters()));
        row("MACs an image", v -> Numbers.millions(v.macs()));
        row("  budget requested", v -> share(v, PruningDetails::requested));
        row("  budget achieved", v -> share(v, PruningDetails::achieved));
        row("seconds to search", v -> seconds(v.seconds().search() + v.seconds().head()));
        row("  to compact", v -> seconds(v.seconds().compaction() + v.seconds().recalibration()));
        row("  to train", v -> seconds(v.seconds().training()));
        row("  in all", v -> seconds(v.seconds().total()));
        throughput("training", VariantReport::training);
        throughput("inference", VariantReport::inference);
        row("memory to train", v -> Numbers.mebibytes(v.peakTrainingBytes()));
        row(
                "masked vs compacted",
                v -> v.pruning() == null
                        ? ""
                        : String.format(
                                Locale.ROOT, "%.1e", v.pruning().parity().running()));
        List<String> lines = new ArrayList<>(table.lines());
        lines.add("");
        lines.addAll(keptChannels());
        return lines;
    }

    private void throughput(String name, Function<VariantReport, DemoReport.Throughput> of) {
        row(name + " images/s", v -> Numbers.rate(of.apply(v).imagesPerSecond().median()));
        row(
                "  full network",
                v -> Numbers.rate(of.apply(v).fullImagesPerSecond().median()));
        row("  times faster", v -> Numbers.rate(of.apply(v).speedUp()));
        row("  efficiency", v -> Numbers.rate(of.apply(v).efficiency()));
    }

    private static String share(VariantReport variant, Function<PruningDetails, Double> of) {
        return Optional.ofNullable(variant.pruning())
                .map(of)
                .map(Numbers::percent)
                .orElse("");
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** One row a channel group; none where nothing was pruned. */
    private List<String> keptChannels() {
        List<VariantReport> pruned = report.variants().values().stream()
                .filter(variant -> variant.keptChannels() != null)
                .toList();
        if (pruned.isEmpty()) {
            return List.of();
        }
        Stream<String> names = report.variants().entrySet().stream()
                .filter(entry -> entry.getValue().keptChannels() != null)
                .map(Map.Entry::getKey);
        TextTable kept = new TextTable(cells("channels kept in", names));
        for (String group : pruned.getFirst().keptChannels().keySet()) {
            kept.row(cells(group, pruned.stream().map(variant -> variant.keptChannels()
                    .get(group)
                    .toString())));
        }
        for (Stage stage : pruned.getFirst().pruning().stages()) {
            kept.row(cells("all at " + stage.resolution(), pruned.stream().map(variant -> share(variant, stage))));
        }
        List<String> lines = new ArrayList<>(kept.lines());
        lines.add("");
        lines.add(
                "efficiency = times faster / times fewer MACs; masked vs compacted = largest difference of their logits,"
                        + " relative.");
        return lines;
    }

    private static String share(VariantReport variant, Stage stage) {
        return variant.pruning().stages().stream()
                .filter(own -> own.resolution().equals(stage.resolution()))
                .map(own -> Numbers.percent(own.share()))
                .findFirst()
                .orElseThrow();
    }
}
