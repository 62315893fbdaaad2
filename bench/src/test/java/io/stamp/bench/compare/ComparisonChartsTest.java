package io.stamp.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.compare.ComparisonReport.Row;
import io.stamp.bench.compare.ComparisonReport.Section;
import io.stamp.statistics.Sample;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a report shows as pictures and as times. */
class ComparisonChartsTest {
    private static Row row(String method, double macs, double accuracy, Double seconds) {
        return new Row(
                method,
                Sample.of(accuracy - 0.01, accuracy + 0.01),
                null,
                Sample.of(0.1, 0.2),
                macs,
                1000,
                true,
                seconds == null ? null : Sample.of(seconds),
                seconds == null ? null : Sample.of(1.0),
                seconds == null ? null : 1e6);
    }

    private static Section section(String budget, int epochs, Row... rows) {
        return new Section("resnet20:0.2", "gears", budget, epochs, 64, 0.05, null, List.of(rows));
    }

    private static ComparisonReport report(Section... sections) {
        return new ComparisonReport("l1", List.of(sections), Map.of(), 0, new TreeMap<>());
    }

    private static final ComparisonReport TIMED = report(
            section("macs=0.5", 2, row("full", 1, 0.6, 10.0), row("l1", 0.49, 0.5, 6.0), row("stamp", 0.5, 0.7, 7.0)),
            section("macs=0.2", 2, row("full", 1, 0.6, 10.0), row("l1", 0.19, 0.4, 4.0), row("stamp", 0.2, 0.5, 5.0)),
            section("macs=0.5", 8, row("full", 1, 0.8, 40.0), row("l1", 0.49, 0.8, 20.0), row("stamp", 0.5, 0.9, 25.0)),
            section(
                    "macs=0.2",
                    8,
                    row("full", 1, 0.8, 40.0),
                    row("l1", 0.19, 0.7, 15.0),
                    row("stamp", 0.2, 0.8, 16.0)));

    @Test
    void aChartForEachScheduleAndWhereTimesAreForEachBudget() {
        Map<String, String> svgs = new ComparisonCharts(TIMED).svgs();

        assertThat(svgs.keySet())
                .containsExactly(
                        "accuracy-macs-resnet20-0.2-on-gears-2-epochs-of-batch-64-at-rate-0.05.svg",
                        "accuracy-macs-resnet20-0.2-on-gears-8-epochs-of-batch-64-at-rate-0.05.svg",
                        "accuracy-seconds-resnet20-0.2-on-gears-macs=0.2.svg",
                        "accuracy-seconds-resnet20-0.2-on-gears-macs=0.5.svg");
        String macs = svgs.values().iterator().next();
        // The full network is one point, the others have one for each of two budgets.
        assertThat(macs.split("<circle", -1)).hasSize(1 + (1 + 2 + 2) + 3);
        assertThat(new ComparisonCharts(TIMED).svgs()).isEqualTo(svgs);
    }

    @Test
    void withoutTimesThereAreNoneInPictures() {
        ComparisonReport report = report(section("macs=0.5", 2, row("full", 1, 0.6, null), row("l1", 0.5, 0.5, null)));
        assertThat(new ComparisonCharts(report).svgs().keySet())
                .singleElement()
                .asString()
                .startsWith("accuracy-macs");
        assertThat(TimeToAccuracy.markdown(report)).isEmpty();
    }

    @Test
    void theShortestScheduleThatReachesTheFullNetworkCounts() {
        List<String> lines = TimeToAccuracy.markdown(TIMED);

        assertThat(lines.getFirst()).isEqualTo("## Time to 80.00 %: resnet20:0.2 on gears");
        assertThat(lines.subList(4, lines.size()))
                .containsExactly(
                        "| full |  | 8 epochs of batch 64 at rate 0.05 | 80.00 | 40.0 | 1.00 |",
                        "| l1 | macs=0.5 | 8 epochs of batch 64 at rate 0.05 | 80.00 | 20.0 | 2.00 |",
                        "| stamp | macs=0.5 | 8 epochs of batch 64 at rate 0.05 | 90.00 | 25.0 | 1.60 |",
                        "| l1 | macs=0.2 | not reached | | | |",
                        "| stamp | macs=0.2 | 8 epochs of batch 64 at rate 0.05 | 80.00 | 16.0 | 2.50 |",
                        "");
        Section[] easy = Stream.of(
                        section("macs=0.5", 1, row("full", 1, 0.7, 5.0), row("l1", 0.5, 0.9, 3.0)),
                        section("macs=0.5", 9, row("full", 1, 0.8, 40.0), row("l1", 0.5, 0.9, 20.0)))
                .toArray(Section[]::new);
        assertThat(TimeToAccuracy.markdown(report(easy)))
                .contains("| l1 | macs=0.5 | 1 epochs of batch 64 at rate 0.05 | 90.00 | 3.0 | 13.33 |");
    }
}
