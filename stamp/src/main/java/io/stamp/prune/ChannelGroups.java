package io.stamp.prune;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.Network;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The channel groups of a network, in the order in which their first channels are made, and what follows from them. */
public final class ChannelGroups {
    private final Network network;
    private final List<ChannelGroup> groups;
    private final Map<String, int[]> reads;
    private final ParameterLayout layout;
    private final CostModel cost;
    private final Rounding rounding;
    private final GateVector gates;
    private final Map<String, GateVector.Rule> gateRules = new HashMap<>();

    ChannelGroups(
            Network network,
            List<ChannelGroup> groups,
            Map<String, int[]> reads,
            ParameterLayout layout,
            CostModel cost,
            Rounding rounding) {
        this.network = network;
        this.groups = groups;
        this.reads = reads;
        this.layout = layout;
        this.cost = cost;
        this.rounding = rounding;
        this.gates = new GateVector(groups, unitsOf(groups));
        reads.forEach((layer, units) -> gateRules.put(layer, gates.rule(units)));
    }

    /** Groups found by tracing the network; residual stages may be pruned, nothing is excluded. */
    public static ChannelGroups of(Network network) {
        return of(network, GroupPolicy.INNER_AND_STAGE, Set.of());
    }

    /**
     * Groups found by tracing the network.
     *
     * @param excluded names of groups that must stay as they are; an unknown one is an error
     */
    public static ChannelGroups of(Network network, GroupPolicy policy, Set<String> excluded) {
        ChannelGroups groups = new GroupFinder(network, policy, excluded).find();
        for (String name : excluded) {
            groups.get(name);
        }
        return groups;
    }

    public Network network() {
        return network;
    }

    /** All groups, those that stay included. */
    public List<ChannelGroup> all() {
        return groups;
    }

    public List<ChannelGroup> prunable() {
        return groups.stream().filter(ChannelGroup::prunable).toList();
    }

    public ChannelGroup get(String name) {
        return groups.stream()
                .filter(group -> group.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new StampException("There is no channel group '" + name + "'; there are "
                        + groups.stream().map(ChannelGroup::name).collect(Collectors.joining(", ")) + "."));
    }

    /** The number of units of each prunable group, by name. */
    public SortedMap<String, Integer> sizes() {
        SortedMap<String, Integer> sizes = new TreeMap<>();
        prunable().forEach(group -> sizes.put(group.name(), group.size()));
        return sizes;
    }

    /** Number of units in all groups. */
    public int units() {
        return unitsOf(groups);
    }

    private static int unitsOf(List<ChannelGroup> groups) {
        return groups.isEmpty()
                ? 0
                : groups.getLast().firstUnit() + groups.getLast().size();
    }

    /** For each channel-mixing layer the unit at each position of what it reads, in the order of execution. */
    public List<LayerAxis> readers() {
        return reads.entrySet().stream()
                .map(read -> new LayerAxis(read.getKey(), read.getValue()))
                .toList();
    }

    GateVector gates() {
        return gates;
    }

    /** How a layer is gated; null for one that reads no followed channels. */
    GateVector.Rule gateRule(String layer) {
        return gateRules.get(layer);
    }

    public ParameterLayout layout() {
        return layout;
    }

    public CostModel cost() {
        return cost;
    }

    /** Which widths plans may give to groups; {@link Rounding#NONE} unless told otherwise. */
    public Rounding rounding() {
        return rounding;
    }

    /**
     * The same groups with latencies, so that budgets may be about them.
     *
     * @throws StampException where the table is of another network
     */
    public ChannelGroups withLatency(LatencyTable table) {
        return new ChannelGroups(network, groups, reads, layout, cost.with(table), rounding);
    }

    /** The same groups whose plans are rounded. */
    public ChannelGroups withRounding(Rounding changed) {
        return new ChannelGroups(network, groups, reads, layout, cost, changed);
    }

    /** Every unit kept. */
    boolean[] keepAll() {
        boolean[] kept = new boolean[units()];
        Arrays.fill(kept, true);
        return kept;
    }

    /** The output channels that each layer of the prunable groups has left. */
    Map<String, Integer> channels(boolean[] kept) {
        Map<String, Integer> channels = new LinkedHashMap<>();
        for (ChannelGroup group : prunable()) {
            for (LayerAxis producer : group.producers()) {
                channels.put(producer.layer(), ParameterLayout.positions(producer.units(), kept).length);
            }
        }
        return channels;
    }

    /** One line a group: what removing a channel of it removes, or why none can be removed. */
    public String explain() {
        return groups.stream().map(ChannelGroup::explain).collect(Collectors.joining("\n"));
    }
}
