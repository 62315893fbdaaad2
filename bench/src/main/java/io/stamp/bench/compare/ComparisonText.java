package io.stamp.bench.compare;

import io.stamp.bench.compare.ComparisonReport.Row;
import io.stamp.bench.compare.ComparisonReport.Section;
import io.stamp.statistics.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A comparison's report as Markdown and as comma-separated values. */
record ComparisonText(ComparisonReport report) {
    String markdown() {
        List<String> lines = new ArrayList<>();
        for (Section section : report.sections()) {
            lines.add("## " + section.place() + ", " + section.budget() + ", " + section.schedule());
            lines.add("");
            lines.addAll(table(section));
            lines.add("");
        }
        lines.addAll(TimeToAccuracy.markdown(report));
        lines.add(
                "Accuracies in per cent: mean and 95 % interval of the mean over seeds; differences are taken pair by pair to"
                        + " '" + report.baseline() + "' with the same seeds and target.");
        if (report.sections().stream()
                .flatMap(section -> section.rows().stream())
                .anyMatch(row -> !row.structural())) {
            lines.add("* Single weights are zero: the network is as large and as slow as before.");
        }
        if (report.sections().stream().anyMatch(section -> section.distillation() != null)) {
            lines.add(
                    "Where it says distilled, every method has learnt from the trained full network too, but for 'full' itself.");
        }
        if (report.missing() > 0) {
            lines.add(report.missing() + (report.missing() == 1 ? " result is" : " results are") + " missing yet.");
        }
        if (report.origins().size() > 1) {
            lines.add("Not all cells were computed by the same code, so that rows may differ for that reason alone: "
                    + report.origins().entrySet().stream()
                            .map(origin -> origin.getValue() + " by " + origin.getKey())
                            .collect(Collectors.joining(", "))
                    + ". A new folder computes all of them anew.");
        }
        report.failures().forEach((cell, why) -> lines.add("- Failed: " + cell + ": " + why));
        return String.join("\n", lines) + "\n";
    }

    private List<String> table(Section section) {
        boolean timed = section.rows().stream().anyMatch(row -> row.seconds() != null);
        List<String> lines = new ArrayList<>();
        lines.add("| method | n | accuracy | minus " + report.baseline() + " | before training | MACs | parameters |"
                + (timed ? " seconds | of them before training | memory |" : ""));
        lines.add("| --- | ---: | ---: | ---: | ---: | ---: | ---: |" + (timed ? " ---: | ---: | ---: |" : ""));
        section.rows().forEach(row -> lines.add(line(row, timed)));
        return lines;
    }

    private static String line(Row row, boolean timed) {
        String line = String.format(
                Locale.ROOT,
                "| %s%s | %d | %s | %s | %s | %.1f %% | %,.0f |",
                row.method(),
                row.structural() ? "" : " *",
                row.accuracy().values().size(),
                row.accuracy().text(100, 2),
                row.difference() == null ? "" : row.difference().signed(100, 2),
                row.before().text(100, 2),
                100 * row.macs(),
                row.parameters());
        if (!timed) {
            return line;
        }
        return row.seconds() == null
                ? line + " | | |"
                : line
                        + String.format(
                                Locale.ROOT,
                                " %s | %s | %.0f MiB |",
                                row.seconds().text(1, 1),
                                row.searchSeconds().text(1, 1),
                                row.peakBytes() / (1 << 20));
    }

    String csv() {
        StringBuilder text = new StringBuilder(
                "network,target,budget,epochs,batch,rate,distil_weight,distil_temperature,method,structural,n,accuracy,accuracy_low,accuracy_high,difference,"
                        + "difference_low,difference_high,before,macs,parameters,seconds,search_seconds,peak_bytes\n");
        for (Section section : report.sections()) {
            for (Row row : section.rows()) {
                List<Object> cells = new ArrayList<>(List.of(
                        section.network(),
                        section.target(),
                        section.budget(),
                        section.epochs(),
                        section.batch(),
                        section.rate(),
                        section.distillation() == null
                                ? ""
                                : section.distillation().weight(),
                        section.distillation() == null
                                ? ""
                                : section.distillation().temperature(),
                        row.method(),
                        row.structural(),
                        row.accuracy().values().size()));
                addSample(cells, row.accuracy());
                addSample(cells, row.difference());
                cells.add(row.before().mean());
                cells.add(row.macs());
                cells.add(row.parameters());
                cells.add(row.seconds() == null ? "" : row.seconds().mean());
                cells.add(row.searchSeconds() == null ? "" : row.searchSeconds().mean());
                cells.add(row.peakBytes() == null ? "" : row.peakBytes());
                text.append(String.join(
                                ",", cells.stream().map(ComparisonText::cell).toList()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static void addSample(List<Object> cells, Sample sample) {
        cells.add(sample == null ? "" : sample.mean());
        cells.add(sample == null || sample.low() == null ? "" : sample.low());
        cells.add(sample == null || sample.high() == null ? "" : sample.high());
    }

    /** Quoted where a name holds what would break the line. */
    private static String cell(Object value) {
        String text = value.toString();
        return text.contains(",") || text.contains("\"") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
