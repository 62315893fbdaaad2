package io.stamp.prune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one unit more or less costs while units come and go. Units that stand equally often along every axis of every parameter always cost
 * the same; as a rule these are all the units of a group. They are one <i>sort</i>, and cost depends on nothing but how many of each sort
 * are there, so that a change takes no pass over units.
 */
final class UnitCosts {
    private final List<CostModel.Term> terms;
    private final Cost.Kind kind;
    private final int[] sortOfUnit;

    /** For each sort, how often one of its units stands along each axis. */
    private final List<long[]> occurrences = new ArrayList<>();

    /** Positions that are left of each axis. */
    private final long[] widths;

    private long cost;

    /** Of the network as it is. */
    UnitCosts(ChannelGroups groups, Cost.Kind kind) {
        List<int[]> axes = groups.cost().axes();
        long[][] byUnit = new long[groups.units()][axes.size()];
        widths = new long[axes.size()];
        for (int axis = 0; axis < widths.length; axis++) {
            widths[axis] = axes.get(axis).length;
            for (int unit : axes.get(axis)) {
                byUnit[unit][axis]++;
            }
        }
        this.terms = groups.cost().terms();
        this.kind = kind;
        this.cost = groups.cost().full().of(kind);
        this.sortOfUnit = sorts(byUnit);
    }

    private int[] sorts(long[][] byUnit) {
        Map<List<Long>, Integer> numbers = new HashMap<>();
        int[] sorts = new int[byUnit.length];
        for (int unit = 0; unit < sorts.length; unit++) {
            List<Long> key = Arrays.stream(byUnit[unit]).boxed().toList();
            if (numbers.putIfAbsent(key, numbers.size()) == null) {
                occurrences.add(byUnit[unit]);
            }
            sorts[unit] = numbers.get(key);
        }
        return sorts;
    }

    int sorts() {
        return occurrences.size();
    }

    int sortOf(int unit) {
        return sortOfUnit[unit];
    }

    /** Of what is there now. */
    long cost() {
        return cost;
    }

    /** How much less it costs without one unit of a sort. */
    long saved(int sort) {
        return -difference(sort, -1);
    }

    /** How much more it costs with one unit more of a sort. */
    long added(int sort) {
        return difference(sort, 1);
    }

    void remove(int sort) {
        change(sort, -1);
    }

    void add(int sort) {
        change(sort, 1);
    }

    private void change(int sort, int units) {
        cost += difference(sort, units);
        long[] positions = occurrences.get(sort);
        Arrays.setAll(widths, axis -> widths[axis] + units * positions[axis]);
    }

    private long difference(int sort, int units) {
        long[] positions = occurrences.get(sort);
        long difference = 0;
        for (CostModel.Term term : terms) {
            long left = width(term.left());
            long right = width(term.right());
            long changed = term.of(
                    kind,
                    left + units * positions(positions, term.left()),
                    right + units * positions(positions, term.right()));
            difference += changed - term.of(kind, left, right);
        }
        return difference;
    }

    private long width(int axis) {
        return axis == CostModel.NONE ? 1 : widths[axis];
    }

    private static long positions(long[] positions, int axis) {
        return axis == CostModel.NONE ? 0 : positions[axis];
    }
}
