package io.stamp.bench.peers;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an engine computed for some work.
 *
 * @param parts by the names and in the layouts that {@link Workload} describes: arrays, of which most answers have one
 */
public record Answers(Map<String, List<float[]>> parts) {
    public Answers {
        parts = Map.copyOf(parts);
    }

    /** The only answer of work that has no other. */
    public static Answers result(float[] values) {
        return new Answers(Map.of(Workload.RESULT, List.of(values)));
    }

    /**
     * The difference of each answer from ours, see {@link Agreement}. Speeds are compared only where both engines did the same.
     *
     * @throws StampException naming work, peer and answer where one is missing or lies farther apart than rounding explains
     */
    public static Map<String, Double> requireEqual(Workload workload, String peer, Answers ours, Answers theirs) {
        Map<String, Double> differences = new TreeMap<>();
        workload.answers().forEach((name, agreement) -> {
            double difference = agreement.difference(ours.parts.get(name), theirs.parts.get(name));
            if (!(difference <= agreement.tolerance())) {
                throw new FailedException("'" + workload.name() + "' is not the same work for " + peer + ": its " + name
                        + " differs from ours by " + difference + ", where " + agreement.tolerance()
                        + " is allowed; speeds of different work are not compared.");
            }
            differences.put(name, difference);
        });
        return differences;
    }
}
