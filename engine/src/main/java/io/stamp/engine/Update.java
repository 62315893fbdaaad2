package io.stamp.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A change in place, such as an optimiser step, of one tuple of tensors or of many: it overwrites the first {@link #mutated()} tensors
 * of a tuple, reads the others, and is not recorded by autograd. Like {@link Op} it carries its own definition.
 */
public interface Update {
    /** How many of the leading tensors of a tuple are overwritten. */
    int mutated();

    /** Throws a {@link StampException} when the shapes of a tuple do not fit. */
    void check(List<Shape> shapes);

    /** What this update does to one tuple, in plain loops. */
    void define(List<Dense> tensors);

    default String name() {
        return getClass().getSimpleName();
    }

    /** Runs the update on one tuple, on the tensors' backend. */
    default void run(Tensor... tensors) {
        runAll(List.of(List.of(tensors)));
    }

    /**
     * Runs the update on each tuple, such as (parameter, velocity, gradient, rate) for all parameters of a network, in one call of the
     * backend. The values are those of as many calls of {@link #run}, bit for bit.
     *
     * @throws StampException when shapes do not fit, when tensors lie on different backends, or when one tuple overwrites what another one uses: they run in any order
     */
    default void runAll(List<List<Tensor>> tuples) {
        for (List<Tensor> tuple : tuples) {
            StepLog.called(this, tuple);
            check(tuple.stream().map(Tensor::shape).toList());
        }
        requireOneBackend(tuples);
        requireApart(tuples);
        if (!tuples.isEmpty()) {
            tuples.getFirst().getFirst().backend().update(this, tuples);
        }
    }

    private void requireOneBackend(List<List<Tensor>> tuples) {
        List<Backend> backends = tuples.stream()
                .flatMap(List::stream)
                .map(Tensor::backend)
                .distinct()
                .toList();
        if (backends.size() > 1) {
            throw new StampException(name() + " is given tensors of different backends ("
                    + backends.stream().map(Backend::name).collect(Collectors.joining(", "))
                    + "); move them to one.");
        }
    }

    private void requireApart(List<List<Tensor>> tuples) {
        Set<Storage> overwritten = new HashSet<>();
        for (List<Tensor> tuple : tuples) {
            for (Tensor tensor : tuple.subList(0, mutated())) {
                requireUnused(overwritten.add(tensor.storage()), tensor);
            }
        }
        for (List<Tensor> tuple : tuples) {
            for (Tensor tensor : tuple.subList(mutated(), tuple.size())) {
                requireUnused(!overwritten.contains(tensor.storage()), tensor);
            }
        }
    }

    private void requireUnused(boolean unused, Tensor tensor) {
        if (!unused) {
            throw new StampException(name() + " overwrites a tensor of the shape " + tensor.shape()
                    + " and uses it a second time in the same call; give it tensors of their own.");
        }
    }
}
