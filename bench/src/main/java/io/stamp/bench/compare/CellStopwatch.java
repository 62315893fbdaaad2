package io.stamp.bench.compare;

import io.stamp.bench.compare.CellResults.Timing;
import io.stamp.engine.Backend;
import java.util.function.Supplier;

/**
 * Measures what a method takes, from a fitted head to a trained network. The first measurement of a process is made twice and counts the
 * second time, for until then the JVM has not compiled what it runs.
 */
final class CellStopwatch {
    private final Supplier<Backend> backends;
    private boolean warm;

    /** @param backends opens a backend for one measurement, so that nothing else is in its memory */
    CellStopwatch(Supplier<Backend> backends) {
        this.backends = backends;
    }

    Timing time(CellWork work, Cell.Timed cell) {
        if (!warm) {
            measure(work, cell);
            warm = true;
        }
        return measure(work, cell);
    }

    private Timing measure(CellWork work, Cell.Timed cell) {
        try (Backend alone = backends.get()) {
            CellWork.Effort effort = work.repeat(cell.trained(), alone);
            return new Timing(
                    effort.start().headSeconds(),
                    effort.start().searchSeconds() + effort.start().compactionSeconds(),
                    effort.trained().seconds(),
                    alone.memory().peakBytes());
        }
    }
}
