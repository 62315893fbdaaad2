package io.stamp.bench.sensitivity;

import io.stamp.bench.cli.TextTable;
import io.stamp.bench.compare.chart.LineChart;
import io.stamp.bench.compare.chart.Scale;
import io.stamp.bench.compare.chart.Series;
import java.util.List;
import java.util.Locale;

/**
 * Sensitivities for people.
 *
 * @param title what was measured
 */
public record SensitivityText(String title, Sensitivity sensitivity) {
    /** A row for each group and number of channels. */
    public List<String> lines() {
        TextTable table = new TextTable("group", "channels", "kept", "ratio", "MACs", "accuracy", "change", "loss");
        for (Sensitivity.Group group : sensitivity.groups()) {
            for (Sensitivity.Point point : group.points()) {
                boolean first = point == group.points().getFirst();
                table.row(
                        first ? group.name() : "",
                        first ? String.valueOf(group.channels()) : "",
                        String.valueOf(point.kept()),
                        percent(point.ratio()),
                        percent(point.macs()),
                        percent(point.accuracy()),
                        String.format(
                                Locale.ROOT,
                                "%.1f",
                                100 * (point.accuracy() - sensitivity.whole().accuracy())),
                        String.format(Locale.ROOT, "%.3f", point.loss()));
            }
        }
        return table.lines();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** Accuracy against the share of channels, a line for each group. */
    public String svg() {
        List<Series> series = sensitivity.groups().stream()
                .map(group -> new Series(
                        group.name(),
                        group.points().stream()
                                .map(point -> new Series.Point(100 * point.ratio(), 100 * point.accuracy()))
                                .toList()))
                .toList();
        return new LineChart(title, "channels kept of one group, %", "accuracy, %", Scale.LINEAR, series).svg();
    }
}
