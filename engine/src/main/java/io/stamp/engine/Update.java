package io.stamp.engine;

import java.util.List;

/**
 * A change in place, such as an optimiser step: it overwrites the first {@link #mutated()} of its tensors, reads the others, and
 * is not recorded by autograd. Like {@link Op} it carries its own definition.
 */
public interface Update {
    /** How many of the leading tensors are overwritten. */
    int mutated();

    /** Throws a {@link StampException} when the shapes do not fit. */
    void check(List<Shape> shapes);

    /** The meaning of this update, in plain loops. */
    void define(List<Dense> tensors);

    default String name() {
        return getClass().getSimpleName();
    }

    /** Runs the update on the tensors' backend. */
    default void run(Tensor... tensors) {
        List<Tensor> list = List.of(tensors);
        StepLog.called(this, list);
        check(list.stream().map(Tensor::shape).toList());
        list.getFirst().backend().update(this, list);
    }
}
