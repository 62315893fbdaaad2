package io.stamp.bench.inspect;

import io.stamp.bench.cli.TextTable;
import io.stamp.method.PruningDetails;
import io.stamp.statistics.Hypergeometric;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which channels two small networks have kept of one large one.
 *
 * @param groups by channel group
 * @param total of all of them
 */
public record MaskOverlap(SortedMap<String, Group> groups, Share total) {
    /**
     * Numbers of channels.
     *
     * @param channels before
     * @param first that the first network keeps
     * @param second that the second one keeps
     * @param shared that both keep
     * @param jaccard shared / those that either keeps
     * @param randomShared what random masks of these widths share on average
     * @param randomJaccard likewise
     * @param chance that random masks of these widths share as many or more
     */
    public record Share(
            int channels,
            int first,
            int second,
            int shared,
            double jaccard,
            double randomShared,
            double randomJaccard,
            double chance) {
        static Share of(int channels, int first, int second, int shared, Hypergeometric random) {
            return new Share(
                    channels,
                    first,
                    second,
                    shared,
                    Hypergeometric.jaccard(shared, first + second),
                    random.mean(),
                    random.meanJaccard(first + second),
                    random.atLeast(shared));
        }
    }

    /** One group, with the channels that only one of the two networks keeps. */
    public record Group(Share share, List<Integer> onlyFirst, List<Integer> onlySecond) {}

    /** A group that one of the two could not prune is whole there. */
    public static MaskOverlap of(PruningDetails first, PruningDetails second) {
        SortedMap<String, Integer> sizes = new TreeMap<>(first.channels());
        sizes.putAll(second.channels());
        SortedMap<String, Group> groups = new TreeMap<>();
        Hypergeometric random = Hypergeometric.of(0, 0, 0);
        int channels = 0;
        int ofFirst = 0;
        int ofSecond = 0;
        int shared = 0;
        for (String name : sizes.keySet()) {
            int size = sizes.get(name);
            Set<Integer> one = kept(first, name, size);
            Set<Integer> other = kept(second, name, size);
            int both = without(one, without(one, other)).size();
            Hypergeometric own = Hypergeometric.of(size, one.size(), other.size());
            groups.put(
                    name,
                    new Group(
                            Share.of(size, one.size(), other.size(), both, own),
                            without(one, other),
                            without(other, one)));
            random = random.plus(own);
            channels += size;
            ofFirst += one.size();
            ofSecond += other.size();
            shared += both;
        }
        return new MaskOverlap(groups, Share.of(channels, ofFirst, ofSecond, shared, random));
    }

    private static Set<Integer> kept(PruningDetails details, String group, int size) {
        List<Integer> kept = details.kept().get(group);
        return new TreeSet<>(kept == null ? IntStream.range(0, size).boxed().toList() : kept);
    }

    private static List<Integer> without(Collection<Integer> all, Collection<Integer> some) {
        return all.stream().filter(channel -> !some.contains(channel)).toList();
    }

    /** For people. */
    public List<String> lines() {
        TextTable table = new TextTable(
                "group", "channels", "A", "B", "shared", "random", "Jaccard", "random", "chance", "only A", "only B");
        groups.forEach((name, group) ->
                table.row(row(name, group.share, numbers(group.onlyFirst), numbers(group.onlySecond))));
        table.row(row("all", total, "", ""));
        List<String> lines = new ArrayList<>(table.lines());
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "A and B share %d of the %d channels that either keeps; random masks of these widths share %.1f on average, and as many"
                        + " or more with a chance of %.2g.",
                total.shared,
                total.first + total.second - total.shared,
                total.randomShared,
                total.chance));
        return lines;
    }

    private static String[] row(String name, Share share, String onlyFirst, String onlySecond) {
        return new String[] {
            name,
            String.valueOf(share.channels),
            String.valueOf(share.first),
            String.valueOf(share.second),
            String.valueOf(share.shared),
            String.format(Locale.ROOT, "%.1f", share.randomShared),
            String.format(Locale.ROOT, "%.3f", share.jaccard),
            String.format(Locale.ROOT, "%.3f", share.randomJaccard),
            String.format(Locale.ROOT, "%.2g", share.chance),
            onlyFirst,
            onlySecond
        };
    }

    private static String numbers(List<Integer> channels) {
        return channels.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
