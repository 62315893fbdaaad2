package io.stamp.bench.peers;

import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.Quiet;
import io.stamp.bench.measure.Rate;
import io.stamp.bench.measure.Stopwatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One piece of work, done by several engines in turns, A B C A B C, in one process. Before anything is timed, their outputs are compared.
 *
 * <p>Thread pools of one engine that still spin would slow the next one down. Each turn therefore begins with a pause until the process
 * is quiet (see {@link Quiet}), and with one run that is not timed, which brings threads and caches back.
 */
public final class Contest {
    /** An engine with a number of threads. */
    public record Entry(Peer peer, int threads) {}

    /**
     * What was measured of one entry.
     *
     * @param rate runs a second times {@link Workload#perRun}; null where the engine cannot do the work
     * @param advantage how many times faster than this one our engine is, over the rounds; null for our own and where there is no rate
     * @param differences of its outputs from ours, see {@link Agreement}
     * @param reason why there is no rate, words to stand behind the name of the engine; null where there is one
     */
    public record Result(
            String peer,
            String family,
            int threads,
            Rate rate,
            Rate advantage,
            Map<String, Double> differences,
            String reason) {}

    private final Stopwatch stopwatch;
    private final Quiet quiet;
    private final Effort effort;

    /** Measures each entry of each contest for {@code effort}. */
    public Contest(Stopwatch stopwatch, Quiet quiet, Effort effort) {
        this.stopwatch = stopwatch;
        this.quiet = quiet;
        this.effort = effort;
    }

    /**
     * Runs the contest.
     *
     * @param entries our own engine first, which can do any work
     * @return one result an entry, in their order
     * @throws io.stamp.engine.StampException if outputs differ
     */
    public List<Result> run(Workload workload, List<Entry> entries) {
        Map<Integer, PreparedWork> works = new TreeMap<>();
        Map<Integer, String> reasons = new TreeMap<>();
        try {
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                Optional<String> obstacle = entry.peer().obstacle(workload);
                if (obstacle.isPresent()) {
                    reasons.put(i, obstacle.get());
                } else {
                    works.put(i, entry.peer().prepare(workload, entry.threads()));
                }
            }
            List<Map<String, Double>> differences = compareOutputs(workload, entries, works);
            Stopwatch.Comparison comparison = stopwatch.compareEntrants(
                    works.values().stream().map(this::entrant).toList(), effort);
            return results(workload, entries, List.copyOf(works.keySet()), comparison, differences, reasons);
        } finally {
            List<PreparedWork> opened = new ArrayList<>(works.values());
            opened.reversed().forEach(PreparedWork::close);
        }
    }

    private static List<Map<String, Double>> compareOutputs(
            Workload workload, List<Entry> entries, Map<Integer, PreparedWork> works) {
        List<Map<String, Double>> differences = new ArrayList<>();
        Outputs ours = null;
        for (Map.Entry<Integer, PreparedWork> work : works.entrySet()) {
            work.getValue().takeOver();
            Outputs outputs = work.getValue().outputs();
            ours = ours == null ? outputs : ours;
            Entry entry = entries.get(work.getKey());
            differences.add(Outputs.requireEqual(workload, entry.peer().name(), ours, outputs));
        }
        return differences;
    }

    private Stopwatch.Entrant entrant(PreparedWork work) {
        return new Stopwatch.Entrant(
                () -> {
                    quiet.await();
                    work.takeOver();
                    work.run();
                },
                work::run);
    }

    private static List<Result> results(
            Workload workload,
            List<Entry> entries,
            List<Integer> able,
            Stopwatch.Comparison comparison,
            List<Map<String, Double>> differences,
            Map<Integer, String> reasons) {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            String peer = entry.peer().name();
            String family = entry.peer().family();
            int place = able.indexOf(i);
            if (place < 0) {
                results.add(new Result(peer, family, entry.threads(), null, null, Map.of(), reasons.get(i)));
            } else {
                Rate rate = comparison.rates().get(place).times(workload.perRun());
                Rate advantage =
                        place == 0 ? null : comparison.speedUps().get(place).inverse();
                results.add(new Result(peer, family, entry.threads(), rate, advantage, differences.get(place), null));
            }
        }
        return results;
    }
}
