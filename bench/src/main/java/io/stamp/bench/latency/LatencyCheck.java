package io.stamp.bench.latency;

import io.stamp.engine.Scope;
import io.stamp.model.Model;
import io.stamp.prune.Cost;
import io.stamp.prune.PruningPlan;
import io.stamp.train.ProgressListener;
import java.util.Locale;
import java.util.Optional;

/**
 * What a compacted network takes, measured in turns with the full one, beside what the table said.
 *
 * @param batch images at once
 * @param predicted share of the full network's time, by the table
 * @param achieved share, measured
 * @param difference achieved / predicted - 1
 * @param fullSeconds of a batch, measured
 * @param seconds of a batch in the compacted network, measured
 */
public record LatencyCheck(
        int batch, double predicted, double achieved, double difference, double fullSeconds, double seconds) {
    /** What predictions promise. */
    private static final double TOLERANCE = 0.1;

    /** Of the time that a table is given. */
    private static final double MEASURING = 0.3;

    /**
     * Measures both.
     *
     * @param plan from the one to the other, with a latency
     * @param tableSeconds that a table is given
     */
    public static LatencyCheck of(Model full, Model compact, PruningPlan plan, int batch, double tableSeconds) {
        double predicted =
                (double) plan.achieved().of(Cost.Kind.LATENCY) / plan.full().of(Cost.Kind.LATENCY);
        try (Scope _ = Scope.open();
                InferenceRun before = InferenceRun.of(full, batch);
                InferenceRun after = InferenceRun.of(compact, batch)) {
            Turns turns = new Turns(full.backend());
            Turns.Timed large = turns.add(_ -> before::once);
            Turns.Timed small = turns.add(_ -> after::once);
            turns.run(MEASURING * tableSeconds, ProgressListener.NONE);
            double achieved = small.seconds() / large.seconds();
            return new LatencyCheck(
                    batch, predicted, achieved, achieved / predicted - 1, large.seconds(), small.seconds());
        }
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
