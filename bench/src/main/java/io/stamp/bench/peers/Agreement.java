package io.stamp.bench.peers;

import java.util.List;

/** How the answers of two engines are compared, part by part, and how far they may lie apart. */
public enum Agreement {
    /** The largest difference over the largest value: what float32 rounding explains after any number of layers forward. */
    VALUES(1e-4) {
        @Override
        double difference(float[] ours, float[] theirs) {
            double largest = 0;
            double apart = 0;
            for (int i = 0; i < ours.length; i++) {
                // Math.max hands a NaN on.
                largest = Math.max(largest, Math.abs((double) ours[i]));
                apart = Math.max(apart, Math.abs((double) ours[i] - theirs[i]));
            }
            return apart == 0 ? 0 : apart / largest;
        }
    },

    /**
     * The Euclidean length of the difference over that of ours. Rounding reaches further here: a ReLU whose input rounds to the other side
     * of zero, or a maximum that two pixels nearly share, moves single elements of gradients by their whole value. For fresh networks of
     * batch 64 that was up to 0.01 with PyTorch's default layout and up to 0.04 with its channels_last, whose batch statistics are less
     * exact. A wrong term in one parameter's gradient still shows, for every parameter is a part.
     */
    GRADIENTS(0.1) {
        @Override
        double difference(float[] ours, float[] theirs) {
            double length = 0;
            double apart = 0;
            for (int i = 0; i < ours.length; i++) {
                double difference = (double) ours[i] - theirs[i];
                length += (double) ours[i] * ours[i];
                apart += difference * difference;
            }
            return apart == 0 ? 0 : Math.sqrt(apart / length);
        }
    };

    private final double tolerance;

    Agreement(double tolerance) {
        this.tolerance = tolerance;
    }

    /** The most that {@link #difference(List, List)} may be. */
    public double tolerance() {
        return tolerance;
    }

    /** The difference of two arrays of one length, as a share; NaN where one holds a value that is no number. */
    abstract double difference(float[] ours, float[] theirs);

    /** The largest difference of all parts; NaN where a part is missing, empty, or of another length. */
    public double difference(List<float[]> ours, List<float[]> theirs) {
        if (ours == null || theirs == null || ours.isEmpty() || ours.size() != theirs.size()) {
            return Double.NaN;
        }
        double largest = 0;
        for (int i = 0; i < ours.size(); i++) {
            boolean comparable = ours.get(i).length > 0 && ours.get(i).length == theirs.get(i).length;
            largest = Math.max(largest, comparable ? difference(ours.get(i), theirs.get(i)) : Double.NaN);
        }
        return largest;
    }
}
