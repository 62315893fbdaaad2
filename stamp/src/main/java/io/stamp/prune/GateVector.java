package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Concat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** All gates of a network as one vector: those of the prunable groups in their order, then a constant 1 for whatever stays. */
final class GateVector {
    private final List<ChannelGroup> groups;
    private final int[] positionOfUnit;
    private final int length;

    GateVector(List<ChannelGroup> all, int units) {
        groups = all.stream().filter(ChannelGroup::prunable).toList();
        positionOfUnit = new int[units];
        int next = 0;
        Arrays.fill(positionOfUnit, -1);
        for (ChannelGroup group : groups) {
            for (int k = 0; k < group.size(); k++) {
                positionOfUnit[group.firstUnit() + k] = next++;
            }
        }
        for (int unit = 0; unit < positionOfUnit.length; unit++) {
            positionOfUnit[unit] = positionOfUnit[unit] < 0 ? next : positionOfUnit[unit];
        }
        length = next + 1;
    }

    int length() {
        return length;
    }

    /** Where the gates of these units stand in the vector. */
    int[] positions(int[] units) {
        return Arrays.stream(units).map(unit -> positionOfUnit[unit]).toArray();
    }

    /**
     * How a layer that reads these units is gated.
     *
     * @param group the one group that is read as a whole and in order, or null
     * @param positions where the gates stand in the vector, if there is no such group; null where nothing is gated
     */
    record Rule(String group, int[] positions) {
        boolean gates() {
            return group != null || positions != null;
        }
    }

    Rule rule(int[] units) {
        for (ChannelGroup group : groups) {
            if (group.isWhole(units)) {
                return new Rule(group.name(), null);
            }
        }
        int[] positions = positions(units);
        boolean gated = Arrays.stream(positions).anyMatch(position -> position < length - 1);
        return new Rule(null, gated ? positions : null);
    }

    /** The vector, {@code [length]}; every prunable group needs its gates {@code [size]}. */
    Tensor of(Backend backend, Map<String, Tensor> gates) {
        List<Tensor> parts = new ArrayList<>();
        for (ChannelGroup group : groups) {
            parts.add(require(group, gates));
        }
        parts.add(Tensor.of(backend, Shape.of(1), 1.0));
        return Concat.of(0, parts);
    }

    static Tensor require(ChannelGroup group, Map<String, Tensor> gates) {
        Tensor gate = gates.get(group.name());
        if (gate == null || !gate.shape().equals(Shape.of(group.size()))) {
            throw new StampException("The group '" + group.name() + "' needs gates of shape [" + group.size() + "], "
                    + (gate == null ? "but there are none." : "not " + gate.shape() + "."));
        }
        return gate;
    }
}
