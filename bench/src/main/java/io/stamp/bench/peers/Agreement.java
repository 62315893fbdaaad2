package io.stamp.bench.peers;

import java.util.List;

/** How the outputs of two engines are compared, part by part, and how far they may lie apart. */
public enum Agreement {
    /** The largest difference over the largest value of a part: what float32 rounding explains after any number of layers forward. */
    VALUES(1e-4) {
        @Override
        double differenceOfParts(List<float[]> ours, List<float[]> theirs) {
            double most = 0;
            for (int part = 0; part < ours.size(); part++) {
                double largest = 0;
                double apart = 0;
                for (int i = 0; i < ours.get(part).length; i++) {
                    double value = ours.get(part)[i];
                    // Math.max hands a NaN on.
                    largest = Math.max(largest, Math.abs(value));
                    apart = Math.max(apart, Math.abs(value - theirs.get(part)[i]));
                }
                most = Math.max(most, share(apart, largest));
            }
            return most;
        }
    },

    /**
     * For each parameter, the length of the difference over the length of its gradient plus a hundredth of that of all gradients. Rounding
     * reaches further here: a ReLU whose input rounds to the other side of zero moves single elements by their whole value, and the sums
     * over all pixels that scales and shifts get cancel almost completely. Against float64, PyTorch's default layout was up to 0.01 away
     * and its channels_last up to 0.05, whose batch norm is less exact. A wrong term in the gradient of one parameter still shows.
     */
    GRADIENTS(0.1) {
        @Override
        double differenceOfParts(List<float[]> ours, List<float[]> theirs) {
            double floor = FLOOR
                    * Math.sqrt(ours.stream()
                            .mapToDouble(part -> squares(part, null))
                            .sum());
            double most = 0;
            for (int part = 0; part < ours.size(); part++) {
                double length = Math.sqrt(squares(ours.get(part), null));
                double apart = Math.sqrt(squares(ours.get(part), theirs.get(part)));
                most = Math.max(most, share(apart, length + floor));
            }
            return most;
        }
    };

    private static final double FLOOR = 0.01;

    private final double tolerance;

    Agreement(double tolerance) {
        this.tolerance = tolerance;
    }

    /** The most that {@link #difference} may be. */
    public double tolerance() {
        return tolerance;
    }

    /** The difference of lists of parts of the same lengths; NaN where one holds a value that is no number. */
    abstract double differenceOfParts(List<float[]> ours, List<float[]> theirs);

    /** The largest difference of all parts, as a share; NaN where a part is missing, empty, or of another length. */
    public double difference(List<float[]> ours, List<float[]> theirs) {
        if (ours == null || theirs == null || ours.isEmpty() || ours.size() != theirs.size()) {
            return Double.NaN;
        }
        for (int i = 0; i < ours.size(); i++) {
            if (ours.get(i).length == 0 || ours.get(i).length != theirs.get(i).length) {
                return Double.NaN;
            }
        }
        return differenceOfParts(ours, theirs);
    }

    private static double share(double apart, double of) {
        return apart == 0 ? 0 : apart / of;
    }

    /** The sum of the squares of all values or, where there are others to subtract, of all differences. */
    private static double squares(float[] values, float[] subtracted) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double value = subtracted == null ? values[i] : (double) values[i] - subtracted[i];
            sum += value * value;
        }
        return sum;
    }
}
