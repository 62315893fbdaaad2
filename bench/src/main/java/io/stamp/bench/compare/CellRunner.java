package io.stamp.bench.compare;

import io.stamp.engine.StampException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Computes what is missing of some cells, one after the other, together with whichever other processes work on the same folder. A cell
 * that fails keeps its reason, and the others go on.
 *
 * @param log where progress goes
 */
record CellRunner(CellStore store, CellWork work, PrintStream log) {
    /** Returns when all cells have a result or a failure, whoever computed them. */
    void run(List<Cell> cells) {
        List<Cell> missing = new ArrayList<>(cells);
        missing.removeIf(store::isDone);
        if (missing.size() < cells.size()) {
            log.println(cells.size() - missing.size() + " of " + cells.size() + " cells are there already.");
        }
        Clock clock = new Clock(cells);
        while (!missing.isEmpty()) {
            int before = missing.size();
            for (Cell cell : List.copyOf(missing)) {
                attempt(cell, clock);
            }
            missing.removeIf(store::isDone);
            if (missing.size() == before) {
                CellStore.pause();
            }
        }
    }

    private void attempt(Cell cell, Clock clock) {
        if (store.isDone(cell) || !cell.needs().stream().allMatch(store::isDone)) {
            return;
        }
        Optional<CellStore.Claim> claim = store.claim(cell);
        if (claim.isEmpty()) {
            return;
        }
        try (CellStore.Claim _ = claim.get();
                CellStore.Claim _ = store.machine(cell instanceof Cell.Timed)) {
            if (!store.isDone(cell)) {
                long started = System.nanoTime();
                compute(cell);
                clock.done(cell, (System.nanoTime() - started) * 1e-9);
            }
        }
    }

    private void compute(Cell cell) {
        Optional<String> failed = cell.needs().stream()
                .flatMap(need -> store.failure(need).stream())
                .findFirst();
        if (failed.isPresent()) {
            store.putFailure(cell, failed.get());
            return;
        }
        cell.needs().forEach(store::requireArtefact);
        try {
            work.run(cell);
        } catch (StampException e) {
            log.println(cell.title() + " failed: " + e.getMessage());
            store.putFailure(cell, e.getMessage());
        }
    }

    /** Says how far the work has come, whoever did it; time left goes by what cells of each kind took here. */
    private final class Clock {
        private final List<Cell> all;
        private final Map<String, List<Double>> seconds = new HashMap<>();

        Clock(List<Cell> all) {
            this.all = all;
        }

        void done(Cell cell, double took) {
            seconds.computeIfAbsent(cell.kind(), _ -> new ArrayList<>()).add(took);
            List<Cell> left = all.stream().filter(other -> !store.isDone(other)).toList();
            log.printf(
                    Locale.ROOT,
                    "cell %d of %d in %.1f s: %s%s%n",
                    all.size() - left.size(),
                    all.size(),
                    took,
                    cell.title(),
                    timeLeft(left));
        }

        private String timeLeft(List<Cell> left) {
            double known = 0;
            int unknown = 0;
            for (Cell cell : left) {
                List<Double> alike = seconds.getOrDefault(cell.kind(), List.of());
                known += alike.stream().mapToDouble(x -> x).average().orElse(0);
                unknown += alike.isEmpty() ? 1 : 0;
            }
            if (left.isEmpty() || unknown == left.size()) {
                return "";
            }
            return String.format(Locale.ROOT, "; about %.0f s left", known)
                    + (unknown == 0 ? "" : " and " + unknown + " cells of other kinds");
        }
    }
}
