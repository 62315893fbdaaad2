package io.stamp.bench.compare;

import io.stamp.bench.compare.ComparisonReport.Row;
import io.stamp.bench.compare.ComparisonReport.Section;
import io.stamp.method.pruner.Full;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How long methods take to get as good as the full network, where times were measured: the shortest schedule with which a method's mean
 * accuracy is at least that of the full network after its longest one.
 *
 * @param sections of one network and target
 */
record TimeToAccuracy(List<Section> sections) {
    private record Run(Section section, Row row) {
        boolean isWhole() {
            return row.method().equals(Full.NAME);
        }
    }

    /** Tables of a whole report, with their headings; empty where nothing was measured. */
    static List<String> markdown(ComparisonReport report) {
        Map<String, List<Section>> places = new LinkedHashMap<>();
        report.sections().forEach(section -> places.computeIfAbsent(section.place(), _ -> new ArrayList<>())
                .add(section));
        List<String> lines = new ArrayList<>();
        places.forEach((place, sections) -> lines.addAll(new TimeToAccuracy(sections).table(place)));
        return lines;
    }

    private List<String> table(String place) {
        List<Run> timed = sections.stream()
                .sorted(Comparator.comparingInt(Section::epochs))
                .flatMap(section -> section.rows().stream().map(row -> new Run(section, row)))
                .filter(run -> run.row.seconds() != null)
                .toList();
        List<Run> whole = timed.stream().filter(run -> run.isWhole()).toList();
        if (whole.isEmpty() || timed.size() == whole.size()) {
            return List.of();
        }
        double goal = whole.getLast().row.accuracy().mean();
        double usual = reaching(whole, goal).orElseThrow().row.seconds().mean();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "## Time to %.2f %%: %s", 100 * goal, place));
        lines.add("");
        lines.add("| method | budget | shortest schedule | accuracy | seconds | times as fast |");
        lines.add("| --- | --- | --- | ---: | ---: | ---: |");
        lines.add(line(whole.getFirst().row.method(), "", reaching(whole, goal), usual));
        for (String budget : distinct(timed, run -> run.section.budget())) {
            for (String method : distinct(timed, run -> run.row.method())) {
                List<Run> own = timed.stream()
                        .filter(run -> !run.isWhole()
                                && run.row.method().equals(method)
                                && run.section.budget().equals(budget))
                        .toList();
                if (!own.isEmpty()) {
                    lines.add(line(method, budget, reaching(own, goal), usual));
                }
            }
        }
        lines.add("");
        return lines;
    }

    private static List<String> distinct(List<Run> runs, Function<Run, String> word) {
        return runs.stream().map(word).distinct().toList();
    }

    private static Optional<Run> reaching(List<Run> runs, double goal) {
        return runs.stream().filter(run -> run.row.accuracy().mean() >= goal).findFirst();
    }

    private static String line(String method, String budget, Optional<Run> run, double usual) {
        return run.map(found -> String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %.2f | %.1f | %.2f |",
                        method,
                        budget,
                        found.section.schedule(),
                        100 * found.row.accuracy().mean(),
                        found.row.seconds().mean(),
                        usual / found.row.seconds().mean()))
                .orElseGet(() -> String.format(Locale.ROOT, "| %s | %s | not reached | | | |", method, budget));
    }
}
