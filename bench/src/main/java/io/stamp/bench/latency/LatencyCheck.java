package io.stamp.bench.latency;

import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.Stopwatch;
import io.stamp.bench.measure.Throughput;
import io.stamp.model.Model;
import io.stamp.prune.Cost;
import io.stamp.prune.PruningPlan;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a compacted network takes, measured in turns with the full one, beside what the table said.
 *
 * @param batch images at once
 * @param predicted share of the full network's time, by the table
 * @param achieved share, measured; of the fastest tenth of the runs of both, which other work on the machine disturbed least
 * @param difference achieved / predicted - 1
 * @param fullSeconds of a batch, measured
 * @param seconds of a batch in the compacted network, measured
 */
public record LatencyCheck(
        int batch, double predicted, double achieved, double difference, double fullSeconds, double seconds) {
    /** What predictions promise. */
    private static final double TOLERANCE = 0.1;

    private static final int SAMPLES = 10;

    /** Longest warm-up and measurement of each network, as shares of the time that a table is given. */
    private static final double WARM_UP = 0.1;

    private static final double MEASURING = 0.2;

    /**
     * Measures both.
     *
     * @param plan from the one to the other, with a latency
     * @param tableSeconds that a table is given
     */
    public static LatencyCheck of(Model full, Model compact, PruningPlan plan, int batch, double tableSeconds) {
        Effort effort = new Effort(WARM_UP * tableSeconds, MEASURING * tableSeconds, SAMPLES);
        Stopwatch.Comparison rates =
                Throughput.compare(List.of(full, compact), Throughput.Mode.INFER, batch, true, effort);
        double predicted =
                (double) plan.achieved().of(Cost.Kind.LATENCY) / plan.full().of(Cost.Kind.LATENCY);
        double achieved =
                rates.rates().getFirst().p90() / rates.rates().getLast().p90();
        return new LatencyCheck(
                batch,
                predicted,
                achieved,
                achieved / predicted - 1,
                batch / rates.rates().getFirst().p90(),
                batch / rates.rates().getLast().p90());
    }

    /** For people. */
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "Latency in batches of %d: %.1f %% of the full network's predicted, %.1f %% measured (%+.1f %%).",
                batch,
                100 * predicted,
                100 * achieved,
                100 * difference);
    }

    /** Where the prediction was wrong. */
    public Optional<String> warning() {
        return Math.abs(difference) <= TOLERANCE
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "The small network takes %.1f %% of the full one's time, not %.1f %% as its latency table predicts; was the"
                                + " machine busy with something else, now or when the table was measured?",
                        100 * achieved,
                        100 * predicted));
    }
}
