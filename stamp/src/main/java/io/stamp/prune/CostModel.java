package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Parameters and multiply-accumulate operations as functions of which units are kept: sums over the parameter tensors of a coefficient
 * times the numbers of channels left along its one or two channel axes. Exact, without building the network.
 */
public final class CostModel {
    /** Stands for an axis that a term lacks. */
    static final int NONE = -1;

    /**
     * The cost of one parameter tensor: {@code parameters} and {@code macs} for each pair of channels along two axes (or each channel
     * along one).
     *
     * @param left number of the first axis, usually the output channels; {@link #NONE} where there is none
     * @param right number of the second axis or {@link #NONE}
     */
    record Term(String parameter, long parameters, long macs, int left, int right) {}

    private final int units;
    private final List<int[]> axes;
    private final List<Term> terms;
    private final long constantMacs;

    private CostModel(int units, List<int[]> axes, List<Term> terms, long constantMacs) {
        this.units = units;
        this.axes = axes;
        this.terms = terms;
        this.constantMacs = constantMacs;
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
            terms.add(new Term(spec.name(), perPair, perPair * work.getOrDefault(spec.name(), 0L), pair[0], pair[1]));
        }
        return new CostModel(units, List.copyOf(axes), List.copyOf(terms), flow.constantWork);
    }

    List<int[]> axes() {
        return axes;
    }

    List<Term> terms() {
        return terms;
    }

    long constantMacs() {
        return constantMacs;
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
        long parameters = 0;
        long macs = constantMacs;
        for (Term term : terms) {
            long pairs = count(counts, term.left()) * count(counts, term.right());
            parameters += term.parameters() * pairs;
            macs += term.macs() * pairs;
        }
        return new Cost(parameters, macs);
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
