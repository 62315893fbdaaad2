package io.stamp.bench.peers;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an engine computed for some work.
 *
 * @param parts by the names and in the layouts that {@link Workload} describes: arrays, of which most outputs have one
 */
public record Outputs(Map<String, List<float[]>> parts) {
    public Outputs {
        parts = Map.copyOf(parts);
    }

    /** The only output of work that has no other. */
    public static Outputs result(float[] values) {
        return new Outputs(Map.of(Workload.RESULT, List.of(values)));
    }

    /**
     * The difference of each output from ours, see {@link Agreement}. Speeds are compared only where both engines did the same.
     *
     * @throws StampException naming work, peer and output where one is missing or lies farther apart than rounding explains
     */
    public static Map<String, Double> requireEqual(Workload workload, String peer, Outputs ours, Outputs theirs) {
        Map<String, Double> differences = new TreeMap<>();
        workload.outputs().forEach((name, agreement) -> {
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
