package io.stamp.prune;

import io.stamp.engine.nn.Parameters;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;

/** Sums over the weights of the filters that make a channel, of all of them where several layers share a group. */
public final class FilterSums {
    private FilterSums() {}

    /**
     * A sum for each channel of every prunable group.
     *
     * @param term what one weight adds
     * @param finish of a channel's sum
     */
    public static Map<String, double[]> of(
            ChannelGroups groups, Parameters parameters, DoubleUnaryOperator term, DoubleUnaryOperator finish) {
        Map<String, double[]> byGroup = new TreeMap<>();
        for (ChannelGroup group : groups.prunable()) {
            double[] sums = new double[group.size()];
            for (LayerAxis producer : group.producers()) {
                add(
                        sums,
                        group,
                        producer,
                        parameters.get(producer.layer() + ".weight").doubles(),
                        term);
            }
            for (int k = 0; k < sums.length; k++) {
                sums[k] = finish.applyAsDouble(sums[k]);
            }
            byGroup.put(group.name(), sums);
        }
        return byGroup;
    }

    /** Output channels are the first axis of every weight. */
    private static void add(
            double[] sums, ChannelGroup group, LayerAxis producer, double[] weights, DoubleUnaryOperator term) {
        int filter = weights.length / producer.units().length;
        for (int i = 0; i < weights.length; i++) {
            sums[producer.units()[i / filter] - group.firstUnit()] += term.applyAsDouble(weights[i]);
        }
    }
}
