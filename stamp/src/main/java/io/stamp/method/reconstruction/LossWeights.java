package io.stamp.method.reconstruction;

import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.LayerAxis;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * How much errors in the outputs of reading layers count: more where the classification loss feels them, less in channels that are going
 * to be removed.
 *
 * @param outputs of the full network by layer, one row a position; what is to be reconstructed
 * @param gradients of the classification loss by these
 * @param share of the gradients in the weights
 */
public record LossWeights(
        ChannelGroups groups, Map<String, Matrix> outputs, Map<String, Matrix> gradients, double share) {

    /**
     * For the layers that read a group.
     *
     * @param suppression weight of channels that are removed or about to be
     */
    public Targets targets(PrunedSoFar network, ChannelGroup group, double suppression) {
        Map<String, double[]> importance = new HashMap<>();
        Map<String, Double> means = new HashMap<>();
        for (LayerAxis reader : group.readers()) {
            importance.put(reader.layer(), importance(network, reader.layer(), suppression));
            means.put(reader.layer(), meanSquare(gradients.get(reader.layer())));
        }
        return new Targets() {
            @Override
            public double of(String layer, int row, int output, double actual) {
                return outputs.get(layer).get(row, output);
            }

            @Override
            public double weight(String layer, int row, int output) {
                double gradient = gradients.get(layer).get(row, output);
                double mean = means.get(layer);
                double relative = mean > 0 ? gradient * gradient / mean : 1;
                return importance.get(layer)[output] * (1 - share + share * relative);
            }
        };
    }

    private static double meanSquare(Matrix matrix) {
        return Arrays.stream(matrix.values())
                .map(value -> value * value)
                .average()
                .orElse(0);
    }

    /** A factor for each output channel of a layer. */
    private double[] importance(PrunedSoFar network, String layer, double suppression) {
        double[] factors = new double[outputs.get(layer).columns()];
        Arrays.fill(factors, 1);
        for (ChannelGroup group : groups.prunable()) {
            Optional<LayerAxis> producer = group.producers().stream()
                    .filter(axis -> axis.layer().equals(layer))
                    .findFirst();
            if (producer.isPresent()) {
                int[] units = producer.get().units();
                boolean[] keeps = network.keeps(group)
                        .orElseGet(() -> likely(layer, units, group.firstUnit(), network.width(group)));
                Arrays.setAll(factors, o -> keeps[units[o] - group.firstUnit()] ? 1 : suppression);
            }
        }
        return factors;
    }

    /** Those channels that the loss would miss most, to first order: {@code sum |g y|}. */
    private boolean[] likely(String layer, int[] units, int firstUnit, int width) {
        Map<Integer, Double> sums = new TreeMap<>();
        Matrix output = outputs.get(layer);
        Matrix gradient = gradients.get(layer);
        for (int row = 0; row < output.rows(); row++) {
            for (int o = 0; o < units.length; o++) {
                sums.merge(units[o] - firstUnit, Math.abs(output.get(row, o) * gradient.get(row, o)), Double::sum);
            }
        }
        List<Integer> best = sums.keySet().stream()
                .sorted(Comparator.comparing((Integer channel) -> -sums.get(channel)))
                .limit(width)
                .toList();
        boolean[] likely = new boolean[IntStream.of(units).max().orElse(firstUnit) - firstUnit + 1];
        best.forEach(channel -> likely[channel] = true);
        return likely;
    }
}
