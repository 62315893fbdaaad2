package io.stamp.bench.peers;

import io.stamp.engine.StampException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Comparison of what two engines computed: speeds are compared only where both did the same. */
public final class Answers {
    private Answers() {}

    /** All arrays one after the other. */
    public static float[] joined(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int position = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, position, part.length);
            position += part.length;
        }
        return all;
    }

    /**
     * The largest difference of each answer, in shares of the largest value of ours.
     *
     * @throws StampException naming work, peer and answer where one is missing or lies farther apart than rounding explains
     */
    public static Map<String, Double> requireEqual(
            Workload workload, String peer, Map<String, float[]> ours, Map<String, float[]> theirs) {
        Map<String, Double> differences = new TreeMap<>();
        workload.answers().forEach((name, tolerance) -> {
            double difference = difference(ours.get(name), theirs.get(name));
            if (!(difference <= tolerance)) {
                throw new StampException("'" + workload.name() + "' is not the same work for " + peer + ": its " + name
                        + " differs from ours by " + difference + " of the largest value, where " + tolerance
                        + " is allowed; speeds of different work are not compared.");
            }
            differences.put(name, difference);
        });
        return differences;
    }

    /** NaN where one is missing, empty, of another length or holds a value that is no number. */
    private static double difference(float[] ours, float[] theirs) {
        if (ours == null || theirs == null || ours.length != theirs.length || ours.length == 0) {
            return Double.NaN;
        }
        double largest = 0;
        double apart = 0;
        for (int i = 0; i < ours.length; i++) {
            // Math.max hands a NaN on.
            largest = Math.max(largest, Math.abs((double) ours[i]));
            apart = Math.max(apart, Math.abs((double) ours[i] - theirs[i]));
        }
        return apart == 0 ? 0 : apart / largest;
    }
}
