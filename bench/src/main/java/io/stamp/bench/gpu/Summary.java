package io.stamp.bench.gpu;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * STAMP beside PyTorch of the same host, in the same run and precision.
 *
 * @param rows a network at a batch each
 * @param means over the networks, full and narrow ones apart
 */
record Summary(List<Row> rows, List<Mean> means) {
    private static final String EAGER = "eager";

    /** What is compared. */
    record Subject(String work, String network, double width, int batch, String precision) {
        static Subject of(NetworkPart.Result result) {
            return new Subject(result.work(), result.network(), result.width(), result.batch(), result.precision());
        }

        Group group() {
            return new Group(work, width == 1 ? "full" : "narrow", batch, precision);
        }
    }

    /** What is averaged. */
    record Group(String work, String networks, int batch, String precision) {}

    /**
     * The best mode of each, and how many times faster STAMP is than PyTorch's best and than its eager mode, which is
     * null where there was no time for it.
     */
    record Row(
            Subject subject,
            String mode,
            double imagesPerSecond,
            String pytorchMode,
            double pytorchImagesPerSecond,
            double timesBest,
            Double timesEager) {}

    /** Geometric means of the rows' ratios, and the lowest one; null for eager where a row has none. */
    record Mean(Group group, int count, double timesBest, double lowestTimesBest, Double timesEager) {}

    /** @throws IllegalStateException if a network of PyTorch's is not the one of the same name here */
    static Summary of(GpuReport report) {
        List<NetworkPart.Result> ours = report.networks(GpuReport.NETWORKS);
        List<NetworkPart.Result> theirs = report.networks(GpuReport.PYTORCH);
        List<Row> rows = new ArrayList<>();
        Map<Group, List<Row>> groups = new LinkedHashMap<>();
        for (Subject subject : ours.stream().map(Subject::of).distinct().toList()) {
            List<NetworkPart.Result> same = theirs.stream()
                    .filter(result -> Subject.of(result).equals(subject))
                    .toList();
            if (!same.isEmpty()) {
                Row row = row(subject, fastest(ours, subject), fastest(theirs, subject), eager(same));
                rows.add(row);
                groups.computeIfAbsent(subject.group(), _ -> new ArrayList<>()).add(row);
            }
        }
        List<Mean> means = new ArrayList<>();
        groups.forEach((group, members) -> means.add(new Mean(
                group,
                members.size(),
                geometricMean(members, Row::timesBest),
                members.stream().mapToDouble(Row::timesBest).min().orElseThrow(),
                members.stream().allMatch(row -> row.timesEager != null)
                        ? geometricMean(members, Row::timesEager)
                        : null)));
        return new Summary(rows, means);
    }

    private static NetworkPart.Result fastest(List<NetworkPart.Result> all, Subject subject) {
        return all.stream()
                .filter(result -> Subject.of(result).equals(subject))
                .max(Comparator.comparingDouble(Summary::rate))
                .orElseThrow();
    }

    private static Optional<NetworkPart.Result> eager(List<NetworkPart.Result> modes) {
        return modes.stream().filter(result -> result.mode().equals(EAGER)).findFirst();
    }

    private static double rate(NetworkPart.Result result) {
        return result.imagesPerSecond().median();
    }

    private static Row row(
            Subject subject, NetworkPart.Result ours, NetworkPart.Result best, Optional<NetworkPart.Result> eager) {
        if (ours.parameters() != best.parameters()) {
            throw new IllegalStateException(subject + " has " + ours.parameters() + " parameters here and "
                    + best.parameters() + " in PyTorch: these are not the same networks.");
        }
        return new Row(
                subject,
                ours.mode(),
                rate(ours),
                best.mode(),
                rate(best),
                rate(ours) / rate(best),
                eager.map(result -> rate(ours) / rate(result)).orElse(null));
    }

    private static double geometricMean(List<Row> rows, ToDoubleFunction<Row> ratio) {
        return Math.exp(
                rows.stream().mapToDouble(ratio).map(Math::log).average().orElseThrow());
    }

    /** For people; empty where there is nothing to compare. */
    List<String> lines() {
        if (means.isEmpty()) {
            return List.of();
        }
        TextTable table = new TextTable(
                "networks", "batch", "precision", "count", "x PyTorch's best", "lowest", "x PyTorch eager");
        for (Mean mean : means) {
            table.row(
                    mean.group.work + ", " + mean.group.networks,
                    String.valueOf(mean.group.batch),
                    mean.group.precision,
                    String.valueOf(mean.count),
                    Numbers.rate(mean.timesBest),
                    Numbers.rate(mean.lowestTimesBest),
                    mean.timesEager == null ? "-" : Numbers.rate(mean.timesEager));
        }
        return table.lines();
    }
}
