package io.stamp.prune;

import io.stamp.engine.random.RandomStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Latency tables that nobody measured. */
public final class MadeUpLatency {
    private static final double MILLISECOND = 1e-3;

    private MadeUpLatency() {}

    /** Random rising times for every layer that computes. */
    public static LatencyTable random(ChannelGroups groups, long seed) {
        RandomStream random = new RandomStream(seed, 5);
        Map<String, LatencyTable.Layer> layers = new TreeMap<>();
        CostModel model = groups.cost();
        for (CostModel.Term term : model.terms()) {
            if (term.macs() > 0 && term.left() != CostModel.NONE) {
                layers.put(term.parameter(), layer(counts(model, term.left()), counts(model, term.right()), random));
            }
        }
        return new LatencyTable(new TreeMap<>(layers), MILLISECOND * random.nextUniform());
    }

    private static List<Integer> counts(CostModel model, int axis) {
        int size = axis == CostModel.NONE ? 1 : model.axes().get(axis).length;
        return IntStream.of(1, 2, Math.ceilDiv(size, 2), size)
                .filter(count -> count <= size)
                .distinct()
                .sorted()
                .boxed()
                .toList();
    }

    private static LatencyTable.Layer layer(List<Integer> outputs, List<Integer> inputs, RandomStream random) {
        double[][] seconds = new double[outputs.size()][inputs.size()];
        for (int i = 0; i < outputs.size(); i++) {
            for (int j = 0; j < inputs.size(); j++) {
                double above = i == 0 ? 0 : seconds[i - 1][j];
                double left = j == 0 ? 0 : seconds[i][j - 1];
                seconds[i][j] = Math.max(above, left) + MILLISECOND * (0.5 + random.nextUniform());
            }
        }
        return LatencyTable.Layer.rising(outputs, inputs, seconds);
    }

    /** A layer whose time depends on what it makes alone. */
    static LatencyTable.Layer byOutputs(List<Integer> outputs, double... milliseconds) {
        return new LatencyTable.Layer(
                outputs,
                List.of(1),
                IntStream.range(0, milliseconds.length)
                        .mapToObj(i -> List.of(MILLISECOND * milliseconds[i]))
                        .toList());
    }
}
