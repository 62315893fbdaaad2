package io.stamp.prune;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Channels whose numbers are bound to each other, such as those of all convolutions that write into one residual stage. A <i>unit</i> is
 * what can be removed by itself: the channels, one or more, that can only go together. Units are numbered through the whole network; those
 * of this group are {@code firstUnit} to {@code firstUnit + size - 1}.
 *
 * @param name a name from the layers that make the channels
 * @param firstUnit number of the first unit
 * @param size number of units
 * @param resolution at which the channels are made; at the first place where there are several
 * @param producers the layers that make the channels; every position belongs to this group
 * @param readers the channel-mixing layers that read some of the channels; positions may belong to other groups as well
 * @param channelWise layers that treat each channel by itself, such as batch-norm
 * @param obstacle why the group must not be pruned, if so
 */
public record ChannelGroup(
        String name,
        int firstUnit,
        int size,
        Resolution resolution,
        List<LayerAxis> producers,
        List<LayerAxis> readers,
        List<String> channelWise,
        Optional<String> obstacle) {
    public boolean prunable() {
        return obstacle.isEmpty();
    }

    boolean owns(int unit) {
        return unit >= firstUnit && unit < firstUnit + size;
    }

    /** Whether these are all units of this group, in order. */
    boolean isWhole(int[] units) {
        for (int i = 0; i < units.length; i++) {
            if (units[i] != firstUnit + i) {
                return false;
            }
        }
        return units.length == size;
    }

    /** What removing a channel of this group removes, or why none can be removed; one line. */
    public String explain() {
        if (!prunable()) {
            return name + ", " + size + " channels, stays: " + obstacle.get();
        }
        StringBuilder text =
                new StringBuilder(name + ", " + size + " channels: removing channel k removes output channel k of ");
        text.append(producers.stream()
                .map(producer -> describe(producer, "outputs"))
                .collect(Collectors.joining(", ")));
        if (!channelWise.isEmpty()) {
            text.append("; its entries in ").append(String.join(", ", channelWise));
        }
        if (!readers.isEmpty()) {
            text.append("; its input slice of ");
            text.append(
                    readers.stream().map(reader -> describe(reader, "inputs")).collect(Collectors.joining(", ")));
        }
        return text.toString();
    }

    /** Names a layer; says so where its positions are not one a channel. */
    private String describe(LayerAxis axis, String positions) {
        int own = 0;
        for (int unit : axis.units()) {
            own += owns(unit) ? 1 : 0;
        }
        boolean plain = isWhole(axis.units());
        return plain ? axis.layer() : axis.layer() + " (" + own + " of " + axis.units().length + " " + positions + ")";
    }
}
