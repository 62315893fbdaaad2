package io.stamp.prune;

import io.stamp.engine.nn.Network;
import io.stamp.prune.ChannelFlow.Maker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Turns the flow of channels through a network into groups of units. */
final class GroupFinder {
    private final Network network;
    private final GroupPolicy policy;
    private final Set<String> excluded;
    private final ChannelFlow flow;

    /** The unit of each tie class, by its representative. */
    private final Map<Integer, Integer> unitOf = new HashMap<>();

    private final Set<String> names = new HashSet<>();

    GroupFinder(Network network, GroupPolicy policy, Set<String> excluded) {
        this.network = network;
        this.policy = policy;
        this.excluded = excluded;
        this.flow = new ChannelFlow(network);
    }

    ChannelGroups find() {
        List<List<Maker>> makers = makersByGroup();
        int[] firstUnits = new int[makers.size() + 1];
        for (int i = 0; i < makers.size(); i++) {
            numberUnits(makers.get(i));
            firstUnits[i + 1] = unitOf.size();
        }
        Map<String, int[]> reads = new LinkedHashMap<>();
        flow.reads.forEach((layer, channels) -> reads.put(layer, units(channels)));
        List<ChannelGroup> groups = new ArrayList<>();
        for (int i = 0; i < makers.size(); i++) {
            groups.add(group(makers.get(i), firstUnits[i], firstUnits[i + 1] - firstUnits[i], reads));
        }
        ParameterLayout layout = layout();
        CostModel cost = CostModel.of(flow, layout, unitOf.size());
        return new ChannelGroups(network, List.copyOf(groups), reads, layout, cost, Rounding.NONE);
    }

    /** Makers whose channels are tied, directly or over others, in the order of making. */
    private List<List<Maker>> makersByGroup() {
        UnionFind makers = new UnionFind();
        int[] numbers = makers.add(flow.makers.size());
        Map<Integer, Integer> makerOf = new HashMap<>();
        for (int number : numbers) {
            for (int channel : flow.makers.get(number).channels()) {
                Integer other = makerOf.putIfAbsent(flow.tied.find(channel), number);
                if (other != null) {
                    makers.union(other, number);
                }
            }
        }
        SortedMap<Integer, List<Maker>> groups = new TreeMap<>();
        for (int number : numbers) {
            groups.computeIfAbsent(makers.find(number), _ -> new ArrayList<>()).add(flow.makers.get(number));
        }
        return List.copyOf(groups.values());
    }

    private void numberUnits(List<Maker> makers) {
        for (Maker maker : makers) {
            for (int channel : maker.channels()) {
                unitOf.putIfAbsent(flow.tied.find(channel), unitOf.size());
            }
        }
    }

    private int[] units(int[] channels) {
        return Arrays.stream(channels)
                .map(channel -> unitOf.get(flow.tied.find(channel)))
                .toArray();
    }

    private ChannelGroup group(List<Maker> makers, int firstUnit, int size, Map<String, int[]> reads) {
        List<LayerAxis> producers = makers.stream()
                .filter(Maker::isLayer)
                .map(maker -> new LayerAxis(maker.name(), units(maker.channels())))
                .toList();
        List<LayerAxis> readers = new ArrayList<>();
        reads.forEach((layer, units) -> {
            if (touches(units, firstUnit, size)) {
                readers.add(new LayerAxis(layer, units));
            }
        });
        List<String> channelWise = new ArrayList<>();
        flow.channelWise.forEach((layer, channels) -> {
            if (touches(units(channels), firstUnit, size)) {
                channelWise.add(layer);
            }
        });
        String name = name(makers.stream().map(Maker::name).toList());
        return new ChannelGroup(
                name,
                firstUnit,
                size,
                makers.getFirst().resolution(),
                producers,
                readers,
                channelWise,
                obstacle(name, makers, size));
    }

    private static boolean touches(int[] units, int first, int size) {
        return Arrays.stream(units).anyMatch(unit -> unit >= first && unit < first + size);
    }

    private Optional<String> obstacle(String name, List<Maker> makers, int size) {
        boolean inAddition = false;
        for (Maker maker : makers) {
            for (int channel : maker.channels()) {
                String reason = flow.frozen.get(channel);
                if (reason != null) {
                    return Optional.of(reason);
                }
                inAddition |= flow.added.contains(channel);
            }
        }
        if (excluded.contains(name)) {
            return Optional.of("it was excluded");
        }
        if (inAddition && policy == GroupPolicy.INNER) {
            return Optional.of("an addition ties its channels, and the policy is " + policy);
        }
        return size == 1 ? Optional.of("it is a single channel") : Optional.empty();
    }

    /**
     * One producer gives its name; several give the longest dotted prefix that the last one shares with another, which for a residual stage
     * is the stage; else all names joined.
     */
    private String name(List<String> makers) {
        String joined = String.join("+", makers);
        String last = makers.getLast();
        if (makers.size() > 1) {
            for (int dot = last.lastIndexOf('.'); dot > 0; dot = last.lastIndexOf('.', dot - 1)) {
                String prefix = last.substring(0, dot);
                boolean shared =
                        makers.subList(0, makers.size() - 1).stream().anyMatch(maker -> maker.startsWith(prefix + "."));
                if (shared && names.add(prefix)) {
                    return prefix;
                }
            }
        }
        names.add(joined);
        return joined;
    }

    private ParameterLayout layout() {
        Map<String, SortedMap<Integer, int[]>> axes = new TreeMap<>();
        flow.trace().parameters().names().forEach(name -> axes.put(name, new TreeMap<>()));
        for (ChannelFlow.ParameterAxis axis : flow.axes) {
            axes.get(axis.parameter()).put(axis.axis(), units(axis.channels()));
        }
        return new ParameterLayout(axes);
    }
}
