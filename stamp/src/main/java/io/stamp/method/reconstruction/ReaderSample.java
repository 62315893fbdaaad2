package io.stamp.method.reconstruction;

import io.stamp.prune.ChannelGroup;
import java.util.Arrays;

/**
 * What a layer reads at sampled positions of its output. A convolution in groups makes one of these a group.
 *
 * @param layer that reads
 * @param firstOutput number of the first of its output channels that read this
 * @param outputs how many of them do
 * @param units unit of the network that each column belongs to
 * @param windows one row a position: the values under the kernel, in the order of a filter's weights
 */
public record ReaderSample(String layer, int firstOutput, int outputs, int[] units, Matrix windows) {
    /**
     * Splits an output into what each channel of a group contributes, the sum over its kernel window, and the rest.
     *
     * @param weights of the whole layer
     * @param contributions is filled with the former
     * @return the rest
     */
    double split(ChannelGroup group, double[] weights, int row, int output, double[] contributions) {
        Arrays.fill(contributions, 0);
        double rest = 0;
        int columns = windows.columns();
        for (int d = 0; d < columns; d++) {
            double product = windows.values()[row * columns + d] * weights[(firstOutput + output) * columns + d];
            int channel = units[d] - group.firstUnit();
            if (channel >= 0 && channel < group.size()) {
                contributions[channel] += product;
            } else {
                rest += product;
            }
        }
        return rest;
    }
}
