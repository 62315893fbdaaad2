package io.stamp.bench.compare;

import io.stamp.bench.compare.CellResults.StartResult;
import io.stamp.bench.compare.CellResults.Timing;
import io.stamp.bench.compare.CellResults.TrainedResult;
import io.stamp.statistics.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a comparison has found so far. It depends on results alone, not on when, where or in how many runs they were computed.
 *
 * @param baseline the method that differences are taken to
 * @param sections one for each network, target, budget and schedule, and for each network, budget and schedule over all targets
 * @param failures sentences by cell
 * @param missing cells without a result
 */
record ComparisonReport(String baseline, List<Section> sections, Map<String, String> failures, int missing) {
    /** In the place of a target: all of them. */
    static final String ALL_TARGETS = "all targets";

    /** @param rows by method, in the experiment's order */
    record Section(String network, String target, String budget, int epochs, List<Row> rows) {}

    /**
     * A method over the seeds for which it has results.
     *
     * @param accuracy after training
     * @param difference of the accuracies to the baseline's with the same seeds and target; null for the baseline itself and where none is shared
     * @param before accuracy before training
     * @param macs left of the full network's, as a share
     * @param parameters left, a number
     * @param structural false where the zeros are single weights, which cost as much as before
     * @param seconds of head, search and training, alone on the machine; null where they were not measured
     * @param searchSeconds the part of them before the training
     * @param peakBytes likewise
     */
    record Row(
            String method,
            Sample accuracy,
            Sample difference,
            Sample before,
            double macs,
            double parameters,
            boolean structural,
            Sample seconds,
            Sample searchSeconds,
            Double peakBytes) {}

    /** What is known of one goal. */
    private record Outcome(Cell.Trained cell, StartResult start, TrainedResult trained, Optional<Timing> timing) {
        /** What the outcomes of two methods share that are compared. */
        String pair() {
            Cell.Start start = cell.start();
            return start.backbone().pretrained().pretraining().seed() + "/" + start.seed() + "/"
                    + start.target().name();
        }
    }

    /** Reads all results that are there; {@code goals} in the order of {@link ExperimentCells#goals}. */
    static ComparisonReport of(Experiment experiment, List<ExperimentCells.Goal> goals, CellStore store) {
        Map<List<Object>, Map<String, List<Outcome>>> sections = new LinkedHashMap<>();
        Map<List<Object>, Map<String, List<Outcome>>> overall = new LinkedHashMap<>();
        Map<String, String> failures = new LinkedHashMap<>();
        int missing = 0;
        for (ExperimentCells.Goal place : goals) {
            Cell.Trained goal = place.cell();
            Cell.Start start = goal.start();
            String budget = place.budget();
            String method = start.label();
            store.failure(goal).ifPresent(why -> failures.put(goal.title(), why));
            Optional<TrainedResult> trained = store.result(goal, TrainedResult.class);
            if (trained.isEmpty()) {
                missing += store.isDone(goal) ? 0 : 1;
                continue;
            }
            Outcome outcome = new Outcome(
                    goal,
                    store.result(start, StartResult.class).orElseThrow(),
                    trained.get(),
                    store.result(new Cell.Timed(goal), Timing.class));
            String network = start.backbone().network();
            int epochs = goal.training().epochs();
            add(sections, List.of(network, start.target().name(), budget, epochs), method, outcome);
            add(overall, List.of(network, ALL_TARGETS, budget, epochs), method, outcome);
        }
        List<Section> all = new ArrayList<>();
        sections.forEach((key, outcomes) -> all.add(section(key, outcomes, experiment.baseline())));
        if (experiment.targets().size() > 1) {
            overall.forEach((key, outcomes) -> all.add(section(key, outcomes, experiment.baseline())));
        }
        return new ComparisonReport(experiment.baseline(), all, failures, missing);
    }

    private static void add(
            Map<List<Object>, Map<String, List<Outcome>>> sections, List<Object> key, String method, Outcome outcome) {
        sections.computeIfAbsent(key, _ -> new LinkedHashMap<>())
                .computeIfAbsent(method, _ -> new ArrayList<>())
                .add(outcome);
    }

    private static Section section(List<Object> key, Map<String, List<Outcome>> outcomes, String baseline) {
        List<Row> rows = new ArrayList<>();
        outcomes.forEach((method, own) -> rows.add(
                row(method, own, method.equals(baseline) ? List.of() : outcomes.getOrDefault(baseline, List.of()))));
        return new Section((String) key.get(0), (String) key.get(1), (String) key.get(2), (Integer) key.get(3), rows);
    }

    private static Row row(String method, List<Outcome> own, List<Outcome> baseline) {
        List<Timing> timings =
                own.stream().flatMap(outcome -> outcome.timing.stream()).toList();
        return new Row(
                method,
                Sample.of(
                        own.stream().map(outcome -> outcome.trained.accuracy()).toList()),
                difference(own, baseline),
                Sample.of(own.stream().map(outcome -> outcome.start.accuracy()).toList()),
                own.stream()
                        .mapToDouble(outcome -> (double) outcome.start.macs() / outcome.start.fullMacs())
                        .average()
                        .orElseThrow(),
                own.stream()
                        .mapToDouble(outcome -> outcome.start.parameters())
                        .average()
                        .orElseThrow(),
                own.getFirst().start.structural(),
                timings.isEmpty()
                        ? null
                        : Sample.of(timings.stream()
                                .map(t -> t.head() + t.search() + t.training())
                                .toList()),
                timings.isEmpty()
                        ? null
                        : Sample.of(
                                timings.stream().map(t -> t.head() + t.search()).toList()),
                timings.isEmpty()
                        ? null
                        : timings.stream().mapToDouble(Timing::peakBytes).max().orElseThrow());
    }

    private static Sample difference(List<Outcome> own, List<Outcome> baseline) {
        Map<String, Double> theirs = new LinkedHashMap<>();
        baseline.forEach(outcome -> theirs.put(outcome.pair(), outcome.trained.accuracy()));
        List<Double> differences = own.stream()
                .filter(outcome -> theirs.containsKey(outcome.pair()))
                .map(outcome -> outcome.trained.accuracy() - theirs.get(outcome.pair()))
                .toList();
        return differences.isEmpty() ? null : Sample.of(differences);
    }
}
