package io.stamp.engine.nn;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * An immutable set of named tensors: the parameters or the state of a network, gradients, or optimiser state. Names are dotted paths
 * ({@code stage1.block0.conv1.weight}); the order is that of the names.
 */
public final class Parameters {
    private final SortedMap<String, Tensor> tensors;

    public Parameters(Map<String, Tensor> tensors) {
        this.tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
    }

    public static Parameters empty() {
        return new Parameters(Map.of());
    }

    /** All declared parameters, drawn from the seed. */
    public static Parameters initialise(Backend backend, List<ParameterSpec> specs, long seed) {
        Map<String, Tensor> tensors = new TreeMap<>();
        Map<Integer, String> streams = new HashMap<>();
        for (ParameterSpec spec : specs) {
            String other = streams.putIfAbsent(spec.stream(), spec.name());
            if (other != null) {
                throw new StampException("The parameters '" + other + "' and '" + spec.name()
                        + "' would start with the same random numbers; rename one of them.");
            }
            tensors.put(spec.name(), Tensor.of(backend, spec.shape(), spec.draw(seed)));
        }
        return new Parameters(tensors);
    }

    public SortedMap<String, Tensor> asMap() {
        return tensors;
    }

    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    public List<Tensor> tensors() {
        return List.copyOf(tensors.values());
    }

    /** Where the tensors live; an error where there are none. */
    public Backend backend() {
        if (tensors.isEmpty()) {
            throw new StampException("There are no parameters, so nothing says which backend they live on.");
        }
        return tensors.firstEntry().getValue().backend();
    }

    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new StampException("There is no parameter '" + name + "'; there are " + tensors.keySet() + ".");
        }
        return tensor;
    }

    /** The tensor of that name; an error that names it when its shape is another one. */
    public Tensor get(String name, Shape expected) {
        Tensor tensor = get(name);
        if (!tensor.shape().equals(expected)) {
            throw new StampException("The parameter '" + name + "' has the shape " + tensor.shape()
                    + " where the network needs " + expected + ".");
        }
        return tensor;
    }

    public Parameters map(UnaryOperator<Tensor> change) {
        return mapNamed((name, tensor) -> change.apply(tensor));
    }

    public Parameters mapNamed(BiFunction<String, Tensor, Tensor> change) {
        Map<String, Tensor> changed = new TreeMap<>();
        tensors.forEach((name, tensor) -> changed.put(name, change.apply(name, tensor)));
        return new Parameters(changed);
    }

    /** Combines the tensors of equal names; both sets have the same names. */
    public Parameters zip(Parameters other, BiFunction<Tensor, Tensor, Tensor> combine) {
        return mapNamed((name, tensor) -> combine.apply(tensor, other.get(name)));
    }

    /** The same names with other tensors, in the order of {@link #names()}. */
    public Parameters withTensors(List<Tensor> replacements) {
        List<String> names = new ArrayList<>(tensors.keySet());
        if (names.size() != replacements.size()) {
            throw new IllegalArgumentException(replacements.size() + " tensors do not replace " + names.size() + ".");
        }
        Map<String, Tensor> replaced = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            replaced.put(names.get(i), replacements.get(i));
        }
        return new Parameters(replaced);
    }

    /** Both sets together; their names are disjoint. */
    public Parameters and(Parameters other) {
        Map<String, Tensor> joined = new TreeMap<>(tensors);
        other.tensors.forEach((name, tensor) -> {
            if (joined.put(name, tensor) != null) {
                throw new IllegalArgumentException("The parameter '" + name + "' is in both sets.");
            }
        });
        return new Parameters(joined);
    }

    /** New starting points of differentiation with the same values. */
    public Parameters leaves() {
        return map(Tensor::leaf);
    }

    public Parameters detached() {
        return map(Tensor::detach);
    }

    /** Copies that do not share memory, for updates in place. */
    public Parameters copies() {
        return map(tensor -> tensor.detach().plus(0));
    }

    /** Zeros of the same shapes. */
    public Parameters zeros() {
        return map(tensor -> Tensor.filled(tensor.backend(), tensor.shape(), 0));
    }

    /** The same values on another backend. */
    public Parameters on(Backend backend) {
        return map(tensor -> Tensor.of(backend, tensor.shape(), tensor.doubles()));
    }

    /** Hands all tensors to the enclosing scope. */
    public Parameters keptBy(Scope scope) {
        tensors.values().forEach(scope::keep);
        return this;
    }

    /** Frees all tensors. */
    public void close() {
        tensors.values().forEach(Tensor::close);
    }

    /** Number of values. */
    public long size() {
        return tensors.values().stream()
                .mapToLong(tensor -> tensor.shape().size())
                .sum();
    }
}
