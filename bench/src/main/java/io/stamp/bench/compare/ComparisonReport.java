package io.stamp.bench.compare;

import io.stamp.bench.compare.CellResults.StartResult;
import io.stamp.bench.compare.CellResults.Timing;
import io.stamp.bench.compare.CellResults.TrainedResult;
import io.stamp.statistics.Sample;
import io.stamp.train.Distillation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a comparison has found so far. It depends on results alone, not on when, where or in how many runs they were computed.
 *
 * @param baseline the method that differences are taken to
 * @param sections one for each network, target, budget and schedule, and for each network, budget and schedule over all targets
 * @param failures sentences by cell
 * @param missing cells without a result
 * @param origins how many of all cells behind it were computed by which commit on which backend
 */
record ComparisonReport(
        String baseline,
        List<Section> sections,
        Map<String, String> failures,
        int missing,
        SortedMap<String, Integer> origins) {
    /** In the place of a target: all of them. */
    static final String ALL_TARGETS = "all targets";

    /**
     * @param distillation what all methods but the full network learn from it; null for labels alone
     * @param rows by method, in the experiment's order
     */
    record Section(
            String network,
            String target,
            String budget,
            int epochs,
            int batch,
            double rate,
            Distillation distillation,
            List<Row> rows) {
        /** Network and target, for people. */
        String place() {
            return network + " on " + target;
        }

        /** The training, for people. */
        String schedule() {
            return epochs + " epochs of batch " + batch + " at rate " + rate
                    + (distillation == null ? "" : ", distilled (" + distillation + ")");
        }

        Section with(List<Row> changed) {
            return new Section(network, target, budget, epochs, batch, rate, distillation, changed);
        }
    }

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

    /** Where a section stands; rows of different schedules are never mixed. */
    private record Place(String network, String target, String budget, TrainingSchedule schedule) {
        static Place of(String target, ExperimentCells.Goal goal) {
            return new Place(goal.cell().start().backbone().network(), target, goal.budget(), goal.schedule());
        }

        Section section(List<Row> rows) {
            return new Section(
                    network,
                    target,
                    budget,
                    schedule.epochs(),
                    schedule.batch(),
                    schedule.rate(),
                    schedule.distillation().orElse(null),
                    rows);
        }
    }

    /** Outcomes by place and method, in the order in which they came. */
    private static final class Places {
        private final Map<Place, Map<String, List<Outcome>>> places = new LinkedHashMap<>();

        void add(Place place, String method, Outcome outcome) {
            places.computeIfAbsent(place, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(method, _ -> new ArrayList<>())
                    .add(outcome);
        }

        /** Rows in the experiment's order, whichever methods have failed somewhere. */
        List<Section> sections(Experiment experiment) {
            List<Section> sections = new ArrayList<>();
            places.forEach((place, outcomes) -> sections.add(place.section(experiment.methods().stream()
                    .filter(outcomes::containsKey)
                    .map(method -> row(
                            method,
                            outcomes.get(method),
                            method.equals(experiment.baseline())
                                    ? List.of()
                                    : outcomes.getOrDefault(experiment.baseline(), List.of())))
                    .toList())));
            return sections;
        }
    }

    /** Reads all results that are there; {@code goals} in the order of {@link ExperimentCells#goals}. */
    static ComparisonReport of(Experiment experiment, List<ExperimentCells.Goal> goals, CellStore store) {
        Places sections = new Places();
        Places overall = new Places();
        Map<String, String> failures = new LinkedHashMap<>();
        Set<Cell> missing = new HashSet<>();
        for (ExperimentCells.Goal goal : goals) {
            Cell.Timed timed = new Cell.Timed(goal.cell());
            for (Cell cell : List.of(goal.cell(), timed)) {
                store.failure(cell).ifPresent(why -> failures.put(cell.title(), why));
            }
            Optional<TrainedResult> trained = store.result(goal.cell(), TrainedResult.class);
            Optional<StartResult> start = store.result(goal.cell().start(), StartResult.class);
            if (trained.isPresent() && start.isPresent()) {
                Outcome outcome =
                        new Outcome(goal.cell(), start.get(), trained.get(), store.result(timed, Timing.class));
                sections.add(Place.of(goal.cell().start().target().name(), goal), goal.method(), outcome);
                overall.add(Place.of(ALL_TARGETS, goal), goal.method(), outcome);
            } else if (store.failure(goal.cell()).isEmpty()) {
                missing.add(goal.cell());
            }
        }
        List<Section> all = new ArrayList<>(sections.sections(experiment));
        if (experiment.targets().size() > 1) {
            all.addAll(overall.sections(experiment));
        }
        return new ComparisonReport(experiment.baseline(), all, failures, missing.size(), origins(goals, store));
    }

    private static SortedMap<String, Integer> origins(List<ExperimentCells.Goal> goals, CellStore store) {
        SortedMap<String, Integer> origins = new TreeMap<>();
        ExperimentCells.closure(goals.stream().map(ExperimentCells.Goal::cell).toList())
                .forEach(cell ->
                        store.origin(cell).ifPresent(origin -> origins.merge(origin.toString(), 1, Integer::sum)));
        return origins;
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
