package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Parameters and multiply-accumulate operations as functions of which units are kept: sums over the parameter tensors of a coefficient
 * times the numbers of channels left along its one or two channel axes. Exact, without building the network. With a {@link LatencyTable}
 * also the latency, a sum over the same tensors of another function of the same numbers.
 */
public final class CostModel {
    /** Stands for an axis that a term lacks. */
    static final int NONE = -1;

    /**
     * The cost of one parameter tensor: {@code parameters} and {@code macs} for each pair of channels along two axes (or each channel
     * along one).
     *
     * @param latency of the layer that it is the weight of; null where there is none, or none was measured
     * @param left number of the first axis, usually the output channels; {@link #NONE} where there is none
     * @param right number of the second axis or {@link #NONE}
     */
    record Term(String parameter, long parameters, long macs, LatencyTable.Layer latency, int left, int right) {
        /** The cost with so many channels along the axes; 1 stands for an axis that it lacks. */
        long of(Cost.Kind kind, long leftChannels, long rightChannels) {
            return switch (kind) {
                case PARAMETERS -> parameters * leftChannels * rightChannels;
                case MACS -> macs * leftChannels * rightChannels;
                case LATENCY -> latency == null ? 0 : latency.nanoseconds(leftChannels, rightChannels);
            };
        }

        private Term with(LatencyTable.Layer layer) {
            return new Term(parameter, parameters, macs, layer, left, right);
        }
    }

    private final int units;
    private final List<int[]> axes;
    private final List<Term> terms;
    private final long constantMacs;
    private final OptionalLong constantNanoseconds;

    private CostModel(
            int units, List<int[]> axes, List<Term> terms, long constantMacs, OptionalLong constantNanoseconds) {
        this.units = units;
        this.axes = axes;
        this.terms = terms;
        this.constantMacs = constantMacs;
        this.constantNanoseconds = constantNanoseconds;
    }

    static CostModel of(ChannelFlow flow, ParameterLayout layout, int units) {
        Map<String, Long> work = new HashMap<>();
        flow.work.forEach(item -> work.merge(item.weight(), item.perElement(), Long::sum));
        List<int[]> axes = new ArrayList<>();
        Map<List<Integer>, Integer> numbers = new HashMap<>();
        List<Term> terms = new ArrayList<>();
        for (ParameterSpec spec : flow.trace().parameterSpecs()) {
            SortedMap<Integer, int[]> found = layout.axes(spec.name());
            int[] pair = {NONE, NONE};
            long perPair = spec.shape().size();
            int next = 0;
            for (int[] axis : found.values()) {
                List<Integer> key = Arrays.stream(axis).boxed().toList();
                Integer known = numbers.putIfAbsent(key, axes.size());
                pair[next++] = known != null ? known : axes.size();
                if (known == null) {
                    axes.add(axis);
                }
                perPair /= axis.length;
            }
            terms.add(new Term(
                    spec.name(), perPair, perPair * work.getOrDefault(spec.name(), 0L), null, pair[0], pair[1]));
        }
        return new CostModel(units, List.copyOf(axes), List.copyOf(terms), flow.constantWork, OptionalLong.empty());
    }

    /**
     * The same with latencies.
     *
     * @throws StampException where the table is of another network
     */
    CostModel with(LatencyTable table) {
        List<Term> timed = terms.stream()
                .map(term -> term.with(table.layers().get(term.parameter())))
                .toList();
        for (String layer : table.layers().keySet()) {
            Term term = timed.stream()
                    .filter(each -> each.parameter().equals(layer))
                    .findFirst()
                    .orElseThrow(() -> new StampException("The latency table is of another network: it has a layer '"
                            + layer + "', which this one lacks; measure this network."));
            requireSize(layer, term.latency().outputs(), term.left());
            requireSize(layer, term.latency().inputs(), term.right());
        }
        return new CostModel(units, axes, timed, constantMacs, OptionalLong.of(table.restNanoseconds()));
    }

    /** A single count says nothing about the axis: its channels never change, such as those of the images or the classes. */
    private void requireSize(String layer, List<Integer> counts, int axis) {
        int size = axis == NONE ? 1 : axes.get(axis).length;
        if (counts.size() > 1 && counts.getLast() != size) {
            throw new StampException("The latency table is of another network: the layer '" + layer + "' has "
                    + counts.getLast() + " channels there and " + size + " here; measure this network.");
        }
    }

    List<int[]> axes() {
        return axes;
    }

    List<Term> terms() {
        return terms;
    }

    /** What no channel has a part in. */
    long constant(Cost.Kind kind) {
        return switch (kind) {
            case PARAMETERS -> 0;
            case MACS -> constantMacs;
            case LATENCY -> constantNanoseconds.orElse(0);
        };
    }

    /** The cost of the network as it is. */
    public Cost full() {
        boolean[] all = new boolean[units];
        Arrays.fill(all, true);
        return of(all);
    }

    /**
     * The cost of what is left.
     *
     * @param kept for each unit of the network whether it stays
     */
    public Cost of(boolean[] kept) {
        long[] counts = counts(kept);
        OptionalLong latency = constantNanoseconds.isPresent()
                ? OptionalLong.of(sum(Cost.Kind.LATENCY, counts))
                : OptionalLong.empty();
        return new Cost(sum(Cost.Kind.PARAMETERS, counts), sum(Cost.Kind.MACS, counts), latency);
    }

    private long sum(Cost.Kind kind, long[] counts) {
        long sum = constant(kind);
        for (Term term : terms) {
            sum += term.of(kind, count(counts, term.left()), count(counts, term.right()));
        }
        return sum;
    }

    /** The multiply-accumulates of a single weight, per image, by parameter: of those that convolutions and linear layers multiply by. */
    public SortedMap<String, Long> macsPerWeight() {
        SortedMap<String, Long> macs = new TreeMap<>();
        for (Term term : terms) {
            if (term.macs() > 0) {
                macs.put(term.parameter(), term.macs() / term.parameters());
            }
        }
        return macs;
    }

    /** The multiply-accumulates of the layers whose output channels (or own channels) belong to a group. */
    long macsOf(ChannelGroup group, boolean[] kept) {
        long[] counts = counts(kept);
        long macs = 0;
        for (Term term : terms) {
            if (term.left() != NONE && group.owns(axes.get(term.left())[0])) {
                macs += term.macs() * count(counts, term.left()) * count(counts, term.right());
            }
        }
        return macs;
    }

    private long[] counts(boolean[] kept) {
        return axes.stream()
                .mapToLong(
                        axis -> Arrays.stream(axis).filter(unit -> kept[unit]).count())
                .toArray();
    }

    private static long count(long[] counts, int axis) {
        return axis == NONE ? 1 : counts[axis];
    }

    /** The same function of gates in [0, 1], differentiable; its constant tensors belong to the innermost scope. */
    public ExpectedCost expected(Backend backend, ChannelGroups groups, Cost.Kind kind) {
        return new ExpectedCost(backend, groups, kind);
    }
}
