package io.stamp.prune;

import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Gather;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * For each parameter and state tensor, and each of its axes that runs over channels, the unit of every position. This one table drives the
 * slicing of parameters, batch-norm state and optimiser state.
 */
public final class ParameterLayout {
    private final SortedMap<String, SortedMap<Integer, int[]>> axes;

    ParameterLayout(Map<String, SortedMap<Integer, int[]>> axes) {
        this.axes = Collections.unmodifiableSortedMap(new TreeMap<>(axes));
    }

    /**
     * The units along the axes of a tensor, by axis; empty for one without channels. The name may carry a prefix, as optimiser state
     * does: {@code momentum.stem.weight} is laid out like {@code stem.weight}.
     */
    public SortedMap<Integer, int[]> axes(String name) {
        for (String suffix = name; ; ) {
            SortedMap<Integer, int[]> found = axes.get(suffix);
            if (found != null) {
                return found;
            }
            int next = nextSeparator(suffix);
            if (next < 0) {
                throw new StampException("The tensor '" + name
                        + "' belongs to no parameter of the network, so its channels are unknown.");
            }
            suffix = suffix.substring(next + 1);
        }
    }

    private static int nextSeparator(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '.' || name.charAt(i) == '/') {
                return i;
            }
        }
        return -1;
    }

    SortedMap<String, SortedMap<Integer, int[]>> all() {
        return axes;
    }

    /**
     * Copies of the tensors without the units that are not kept, differentiable where they are tracked; single numbers, such as step
     * counts, are copied as they are.
     *
     * @param kept for each unit of the network whether it stays
     */
    public Parameters slice(Parameters tensors, boolean[] kept) {
        return tensors.mapNamed((name, tensor) -> slice(name, tensor, kept));
    }

    private Tensor slice(String name, Tensor tensor, boolean[] kept) {
        try (Scope scope = Scope.open()) {
            Tensor sliced = tensor.plus(0);
            if (tensor.shape().size() == 1 && !known(name)) {
                return scope.keep(sliced);
            }
            for (Map.Entry<Integer, int[]> axis : axes(name).entrySet()) {
                int[] units = axis.getValue();
                if (tensor.shape().rank() <= axis.getKey() || tensor.shape().dim(axis.getKey()) != units.length) {
                    throw new StampException("The tensor '" + name + "' has the shape " + tensor.shape()
                            + " where the network has " + units.length + " channels along axis " + axis.getKey() + ".");
                }
                sliced = Gather.of(sliced, axis.getKey(), positions(units, kept));
            }
            return scope.keep(sliced);
        }
    }

    private boolean known(String name) {
        return axes.keySet().stream()
                .anyMatch(key -> name.equals(key) || name.endsWith("." + key) || name.endsWith("/" + key));
    }

    /** The positions whose unit stays, ascending. */
    static int[] positions(int[] units, boolean[] kept) {
        int[] positions = new int[units.length];
        int count = 0;
        for (int i = 0; i < units.length; i++) {
            if (kept[units[i]]) {
                positions[count++] = i;
            }
        }
        return Arrays.copyOf(positions, count);
    }
}
