package io.stamp.prune;

import io.stamp.engine.StampException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long a network takes for a batch, as a function of how many channels its layers have: the sum over its layers of what a table of
 * measurements says, and a rest that does not depend on channels.
 *
 * @param layers by the weights of a convolution or linear layer, with what runs with it, such as batch-norm and ReLU
 * @param rest seconds that belong to no layer
 */
public record LatencyTable(SortedMap<String, Layer> layers, double rest) {
    static final double NANOS = 1e9;

    /** @throws StampException where no measurement can have given such a table */
    public LatencyTable {
        if (layers == null || layers.isEmpty()) {
            throw new StampException("A latency table has no layers; measure anew.");
        }
        if (!(rest >= 0 && Double.isFinite(rest))) {
            throw new StampException("A latency table has a rest of " + rest + " s; measure anew.");
        }
        layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
    }

    /**
     * Seconds of a layer on a grid of channel counts, and between its points by linear interpolation along both axes, which never leaves
     * the range of the neighbouring points. More channels never take less time.
     *
     * @param outputs channels that it makes, ascending; a single number where they cannot change
     * @param inputs channels that it reads, likewise; {@code [1]} where it reads what it makes, as depthwise convolutions do
     * @param seconds of a batch; a row for each number of outputs
     */
    public record Layer(List<Integer> outputs, List<Integer> inputs, List<List<Double>> seconds) {
        /** @throws StampException where the numbers are no such grid */
        public Layer {
            outputs = ascending("outputs", outputs);
            inputs = ascending("inputs", inputs);
            seconds = seconds == null
                    ? List.of()
                    : seconds.stream().map(List::copyOf).toList();
            int columns = inputs.size();
            if (seconds.size() != outputs.size() || seconds.stream().anyMatch(row -> row.size() != columns)) {
                throw new StampException("A latency table needs a time for each of " + outputs + " outputs and "
                        + inputs + " inputs; measure anew.");
            }
            for (int i = 0; i < seconds.size(); i++) {
                for (int j = 0; j < columns; j++) {
                    double value = seconds.get(i).get(j);
                    boolean falls = i > 0 && value < seconds.get(i - 1).get(j)
                            || j > 0 && value < seconds.get(i).get(j - 1);
                    if (!(value >= 0 && Double.isFinite(value)) || falls) {
                        throw new StampException("A latency table has " + value + " s for " + outputs.get(i)
                                + " outputs and " + inputs.get(j)
                                + " inputs, where times are positive and rise with the channels; measure anew.");
                    }
                }
            }
        }

        private static List<Integer> ascending(String what, List<Integer> counts) {
            List<Integer> copy = counts == null ? List.of() : List.copyOf(counts);
            boolean rises = !copy.isEmpty() && copy.getFirst() > 0;
            for (int i = 1; i < copy.size(); i++) {
                rises &= copy.get(i) > copy.get(i - 1);
            }
            if (!rises) {
                throw new StampException("The numbers of " + what
                        + " in a latency table must ascend from 1 or more, not " + copy + "; measure anew.");
            }
            return copy;
        }

        /**
         * The grid that is nearest to what was measured while more channels never take less time: half way between the highest time of
         * what is as small or smaller and the lowest of what is as large or larger.
         *
         * @param measured seconds, a row for each number of outputs
         */
        public static Layer rising(List<Integer> outputs, List<Integer> inputs, double[][] measured) {
            int rows = measured.length;
            int columns = measured[0].length;
            double[][] highest = new double[rows][columns];
            double[][] lowest = new double[rows][columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    double above = i == 0 ? 0 : highest[i - 1][j];
                    double left = j == 0 ? 0 : highest[i][j - 1];
                    highest[i][j] = Math.max(measured[i][j], Math.max(above, left));
                }
            }
            for (int i = rows - 1; i >= 0; i--) {
                for (int j = columns - 1; j >= 0; j--) {
                    double below = i == rows - 1 ? Double.POSITIVE_INFINITY : lowest[i + 1][j];
                    double right = j == columns - 1 ? Double.POSITIVE_INFINITY : lowest[i][j + 1];
                    lowest[i][j] = Math.min(measured[i][j], Math.min(below, right));
                }
            }
            Double[][] middle = new Double[rows][columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    middle[i][j] = (highest[i][j] + lowest[i][j]) / 2;
                }
            }
            return new Layer(
                    outputs,
                    inputs,
                    Arrays.stream(middle).map(row -> List.of(row)).toList());
        }

        /** Seconds with so many channels; below the grid it is continued, though not below zero. */
        public double at(double madeChannels, double readChannels) {
            int row = segment(outputs, madeChannels);
            int column = segment(inputs, readChannels);
            double before = along(seconds.get(row), column, readChannels);
            double after = outputs.size() == 1 ? before : along(seconds.get(row + 1), column, readChannels);
            return Math.max(0, before + share(outputs, row, madeChannels) * (after - before));
        }

        private double along(List<Double> row, int column, double readChannels) {
            double before = row.get(column);
            return inputs.size() == 1
                    ? before
                    : before + share(inputs, column, readChannels) * (row.get(column + 1) - before);
        }

        /** Which two neighbouring counts to interpolate between: the number of the lower one. */
        private static int segment(List<Integer> counts, double channels) {
            int segment = 0;
            while (segment < counts.size() - 2 && channels > counts.get(segment + 1)) {
                segment++;
            }
            return segment;
        }

        private static double share(List<Integer> counts, int segment, double channels) {
            return counts.size() == 1
                    ? 0
                    : (channels - counts.get(segment)) / (counts.get(segment + 1) - counts.get(segment));
        }

        long nanoseconds(long madeChannels, long readChannels) {
            return Math.round(NANOS * at(madeChannels, readChannels));
        }

        /** The same with all times multiplied. */
        public Layer times(double factor) {
            return new Layer(
                    outputs,
                    inputs,
                    seconds.stream()
                            .map(row ->
                                    row.stream().map(value -> value * factor).toList())
                            .toList());
        }
    }

    long restNanoseconds() {
        return Math.round(NANOS * rest);
    }
}
