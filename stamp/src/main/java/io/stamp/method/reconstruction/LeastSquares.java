package io.stamp.method.reconstruction;

import io.stamp.prune.ChannelGroup;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Changes what a layer multiplies the kept channels of a group by, so that its outputs come as near as possible to what they should be:
 * {@code W = argmin mean_n v_n |t_n - W x_n|^2 + ridge * mean|x|^2 |W - W0|^2}. The penalty is on the change: where the sample says
 * nothing, weights stay as they are.
 *
 * @param ridge as a share of the mean squared input
 */
public record LeastSquares(double ridge) {
    /**
     * Replaces weights of the kept channels in place; those of removed ones become 0.
     *
     * @param keeps for each channel of the group whether it stays
     * @param weights of the whole layer
     */
    public void reconstruct(
            ChannelGroup group, boolean[] keeps, ReaderSample sample, double[] weights, Targets targets) {
        int columns = sample.windows().columns();
        int[] removed = columns(group, keeps, sample, false);
        for (int output = 0; output < sample.outputs(); output++) {
            int from = (sample.firstOutput() + output) * columns;
            // Targets may ask for what the outputs are with all channels.
            Arrays.stream(removed).forEach(d -> weights[from + d] = 0);
        }
        int[] kept = columns(group, keeps, sample, true);
        if (kept.length > 0) {
            solve(sample, kept, weights, targets);
        }
    }

    /** Columns of the group's channels that stay, or that go. */
    private static int[] columns(ChannelGroup group, boolean[] keeps, ReaderSample sample, boolean kept) {
        return IntStream.range(0, sample.units().length)
                .filter(d -> {
                    int channel = sample.units()[d] - group.firstUnit();
                    return channel >= 0 && channel < group.size() && keeps[channel] == kept;
                })
                .toArray();
    }

    private void solve(ReaderSample sample, int[] kept, double[] weights, Targets targets) {
        int rows = sample.windows().rows();
        int columns = sample.windows().columns();
        Matrix left = Matrix.zeros(kept.length, kept.length);
        Matrix right = Matrix.zeros(kept.length, sample.outputs());
        double[] inputs = new double[kept.length];
        double[] errors = new double[sample.outputs()];
        for (int row = 0; row < rows; row++) {
            double importance = 0;
            for (int o = 0; o < errors.length; o++) {
                int number = sample.firstOutput() + o;
                double actual = output(sample.windows(), row, weights, number * columns);
                errors[o] = targets.of(sample.layer(), row, number, actual) - actual;
                importance += targets.weight(sample.layer(), row, number) / errors.length / rows;
            }
            for (int i = 0; i < kept.length; i++) {
                inputs[i] = sample.windows().get(row, kept[i]);
            }
            left.addOuter(inputs, importance);
            addProducts(right, inputs, errors, importance);
        }
        double penalty = ridge * left.meanDiagonal();
        if (penalty > 0) {
            IntStream.range(0, kept.length).forEach(i -> left.add(i, i, penalty));
            new Cholesky(left).solve(right);
            addTo(weights, sample, kept, right);
        }
    }

    private static double output(Matrix windows, int row, double[] weights, int filter) {
        int from = row * windows.columns();
        double sum = 0;
        for (int d = 0; d < windows.columns(); d++) {
            sum += windows.values()[from + d] * weights[filter + d];
        }
        return sum;
    }

    private static void addProducts(Matrix right, double[] inputs, double[] errors, double importance) {
        for (int i = 0; i < inputs.length; i++) {
            double scaled = importance * inputs[i];
            if (scaled != 0) {
                for (int o = 0; o < errors.length; o++) {
                    right.add(i, o, scaled * errors[o]);
                }
            }
        }
    }

    private static void addTo(double[] weights, ReaderSample sample, int[] kept, Matrix change) {
        for (int i = 0; i < kept.length; i++) {
            for (int o = 0; o < sample.outputs(); o++) {
                weights[(sample.firstOutput() + o) * sample.windows().columns() + kept[i]] += change.get(i, o);
            }
        }
    }
}
