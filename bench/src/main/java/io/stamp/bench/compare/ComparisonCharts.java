package io.stamp.bench.compare;

import io.stamp.bench.compare.ComparisonReport.Row;
import io.stamp.bench.compare.ComparisonReport.Section;
import io.stamp.bench.compare.chart.LineChart;
import io.stamp.bench.compare.chart.Scale;
import io.stamp.bench.compare.chart.Series;
import io.stamp.method.pruner.Full;
import io.stamp.statistics.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The pictures of a report: accuracy against what a network costs and, where it was measured, against what it takes to get it. */
record ComparisonCharts(ComparisonReport report) {
    private static final String ACCURACY = "accuracy, %";

    /** SVG documents by file name. */
    SortedMap<String, String> svgs() {
        SortedMap<String, String> svgs = new TreeMap<>();
        by(section -> section.place() + ", " + section.schedule())
                .forEach((title, sections) -> svgs.put(
                        fileName("macs", title),
                        chart(title, "MACs left, %", sections, row -> 100 * row.macs())
                                .svg()));
        by(section -> section.place() + ", " + section.budget()).forEach((title, sections) -> {
            List<Section> timed = sections.stream().map(ComparisonCharts::timed).toList();
            if (timed.stream().anyMatch(section -> !section.rows().isEmpty())) {
                svgs.put(
                        fileName("seconds", title),
                        chart(title, "seconds of head, search and training", timed, row -> row.seconds()
                                        .mean())
                                .svg());
            }
        });
        return svgs;
    }

    private Map<String, List<Section>> by(Function<Section, String> key) {
        Map<String, List<Section>> groups = new LinkedHashMap<>();
        report.sections().forEach(section -> groups.computeIfAbsent(key.apply(section), _ -> new ArrayList<>())
                .add(section));
        return groups;
    }

    private static Section timed(Section section) {
        return section.with(
                section.rows().stream().filter(row -> row.seconds() != null).toList());
    }

    /** A series a method, its points from left to right; the full network has one point for all budgets. */
    private static LineChart chart(String title, String label, List<Section> sections, ToDoubleFunction<Row> x) {
        Map<String, List<Series.Point>> points = new LinkedHashMap<>();
        for (Section section : sections) {
            for (Row row : section.rows()) {
                List<Series.Point> own = points.computeIfAbsent(series(section, row), _ -> new ArrayList<>());
                Series.Point point = point(x.applyAsDouble(row), row.accuracy());
                if (!own.contains(point)) {
                    own.add(point);
                }
            }
        }
        List<Series> series = new ArrayList<>();
        points.forEach((method, own) -> series.add(new Series(
                method,
                own.stream()
                        .sorted(Comparator.comparingDouble(Series.Point::x).thenComparingDouble(Series.Point::y))
                        .toList())));
        return new LineChart(title, label, ACCURACY, Scale.LOG, series);
    }

    /** In a chart of several schedules, what was taught is another method. */
    private static String series(Section section, Row row) {
        boolean taught = section.distillation() != null && !row.method().equals(Full.NAME);
        return row.method() + (taught ? " distilled" : "");
    }

    /** Intervals of few seeds are wider than what an accuracy can be. */
    private static Series.Point point(double x, Sample accuracy) {
        double y = 100 * accuracy.mean();
        return accuracy.high() == null
                ? new Series.Point(x, y)
                : new Series.Point(x, y, Math.max(0, 100 * accuracy.low()), Math.min(100, 100 * accuracy.high()));
    }

    private static String fileName(String kind, String title) {
        return "accuracy-" + kind + "-" + title.replaceAll("[^A-Za-z0-9._=+-]+", "-") + ".svg";
    }
}
