package io.stamp.bench.compare;

import io.stamp.engine.StampException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Computes what is missing of some cells, one after the other, together with whichever other processes work on the same folder. A cell
 * that fails keeps its reason, and the others go on.
 *
 * @param log where progress goes
 */
record CellRunner(CellStore store, CellWork work, PrintStream log) {
    private static final long WAIT_MILLIS = 500;

    /** Returns when all cells have a result or a failure, whoever computed them. */
    void run(List<Cell> cells) {
        List<Cell> missing = new ArrayList<>(cells);
        missing.removeIf(store::isDone);
        Clock clock = new Clock(cells.size(), missing.size());
        while (!missing.isEmpty()) {
            int before = missing.size();
            for (Cell cell : List.copyOf(missing)) {
                attempt(cell, clock);
            }
            missing.removeIf(store::isDone);
            if (missing.size() == before) {
                pause();
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
        try {
            work.run(cell);
        } catch (StampException e) {
            log.println(cell.title() + " failed: " + e.getMessage());
            store.putFailure(cell, e.getMessage());
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StampException("The comparison was interrupted; repeat its command to continue it.", e);
        }
    }

    /** Says how far the work has come; time left goes by the cells of the same kind so far. */
    private final class Clock {
        private final int all;
        private int left;
        private final Map<String, List<Double>> seconds = new HashMap<>();

        Clock(int all, int left) {
            this.all = all;
            this.left = left;
            if (left < all) {
                log.printf(Locale.ROOT, "%d of %d cells are there already.%n", all - left, all);
            }
        }

        void done(Cell cell, double took) {
            left--;
            seconds.computeIfAbsent(cell.kind(), _ -> new ArrayList<>()).add(took);
            List<Double> alike = seconds.get(cell.kind());
            double mean = alike.stream().mapToDouble(x -> x).average().orElseThrow();
            log.printf(
                    Locale.ROOT,
                    "cell %d of %d in %.1f s: %s; about %.0f s left%n",
                    all - left,
                    all,
                    took,
                    cell.title(),
                    mean * left);
        }
    }
}
