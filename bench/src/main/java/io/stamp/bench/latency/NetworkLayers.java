package io.stamp.bench.latency;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.graph.Layer;
import io.stamp.engine.graph.Step;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Which layers of a network have weights, and at which channel counts they have to be measured. */
final class NetworkLayers {
    private static final int PARTS = 4;
    private static final int FEWEST = 2;

    private final ChannelGroups groups;

    NetworkLayers(ChannelGroups groups) {
        this.groups = groups;
    }

    /** By the name of the weights, in the order of the network. */
    Map<String, MeasuredLayer> of(Inference inference) {
        Map<String, MeasuredLayer> layers = new LinkedHashMap<>();
        for (Step step : inference.steps()) {
            switch (step) {
                case Step.Unit unit -> layers.put(unit.name(), convolution(unit));
                case Step.Single(Layer.Linear linear) -> layers.put(linear.weight(), linear(linear));
                case Step.Single _ -> {
                    // What has no weights is part of the rest.
                }
            }
        }
        return layers;
    }

    private MeasuredLayer convolution(Step.Unit unit) {
        ConvGeometry geometry = unit.geometry();
        return new MeasuredLayer.Convolution(
                geometry,
                unit.residual() >= 0,
                unit.relu(),
                outputs(unit.name(), geometry.outChannels(), geometry.isDepthwise() ? 1 : geometry.groups()),
                inputs(unit.name(), 3, geometry.groupInChannels()));
    }

    private MeasuredLayer linear(Layer.Linear linear) {
        int outputs = groups.layout().axes(linear.weight()).get(0).length;
        int inputs = groups.layout().axes(linear.weight()).get(1).length;
        return new MeasuredLayer.Linear(outputs(linear.weight(), outputs, 1), inputs(linear.weight(), 1, inputs));
    }

    /**
     * The counts that divide the axis into four equal parts, and the least. Vectors and tiles have a fixed number of output channels, so
     * that time has steps behind multiples of it: the counts behind those parts are measured as well.
     */
    private List<Integer> outputs(String weight, int size, int multiple) {
        IntStream counts = parts(size).flatMap(count -> IntStream.of(count, count + 1));
        return changes(weight, 0) ? counts(counts, size, multiple) : List.of(size);
    }

    private List<Integer> inputs(String weight, int axis, int size) {
        return changes(weight, axis) ? counts(parts(size), size, 1) : List.of(size);
    }

    private static IntStream parts(int size) {
        return IntStream.rangeClosed(1, PARTS).map(part -> Math.ceilDiv(size * part, PARTS));
    }

    private static List<Integer> counts(IntStream counts, int size, int multiple) {
        return IntStream.concat(IntStream.of(FEWEST), counts)
                .map(count -> Math.ceilDiv(count, multiple) * multiple)
                .filter(count -> count >= FEWEST && count <= size)
                .distinct()
                .sorted()
                .boxed()
                .toList();
    }

    private boolean changes(String weight, int axis) {
        int[] units = groups.layout().axes(weight).get(axis);
        return units != null && units.length >= FEWEST && Arrays.stream(units).anyMatch(this::isPrunable);
    }

    private boolean isPrunable(int unit) {
        return groups.prunable().stream().anyMatch(group -> isIn(group, unit));
    }

    private static boolean isIn(ChannelGroup group, int unit) {
        return unit >= group.firstUnit() && unit < group.firstUnit() + group.size();
    }
}
