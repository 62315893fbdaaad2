package io.stamp.prune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a plan leaves of the channel groups of one resolution. One channel costs far more at a high resolution than at a low one, so that
 * this shows where a criterion was led by prices.
 *
 * @param resolution such as {@code 32x32}
 * @param channels that could be removed, before
 * @param kept of them
 * @param share kept / channels
 * @param fullMacs of the layers that make them, before
 * @param macs of the same layers now
 */
public record Stage(String resolution, int channels, int kept, double share, long fullMacs, long macs) {

    /** Of the prunable groups, in the order of the network. */
    static List<Stage> of(PruningPlan plan) {
        ChannelGroups groups = plan.groups();
        Map<Resolution, List<ChannelGroup>> byResolution = groups.prunable().stream()
                .collect(Collectors.groupingBy(ChannelGroup::resolution, LinkedHashMap::new, Collectors.toList()));
        boolean[] all = groups.keepAll();
        boolean[] units = plan.units();
        List<Stage> stages = new ArrayList<>();
        byResolution.forEach((resolution, members) -> {
            int channels = members.stream().mapToInt(ChannelGroup::size).sum();
            int kept = members.stream()
                    .mapToInt(group -> plan.kept().get(group.name()).size())
                    .sum();
            stages.add(new Stage(
                    resolution.toString(),
                    channels,
                    kept,
                    (double) kept / channels,
                    macs(members, groups.cost(), all),
                    macs(members, groups.cost(), units)));
        });
        return stages;
    }

    private static long macs(List<ChannelGroup> groups, CostModel cost, boolean[] kept) {
        return groups.stream().mapToLong(group -> cost.macsOf(group, kept)).sum();
    }

    /** One clause for people: {@code 41.7 % at 32x32, 30.2 % at 16x16}. */
    public static String sentence(List<Stage> stages) {
        return stages.stream()
                .map(stage -> String.format(Locale.ROOT, "%.1f %% at %s", 100 * stage.share, stage.resolution))
                .collect(Collectors.joining(", "));
    }
}
