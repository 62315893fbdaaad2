package io.stamp.meta;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A target whose images the backbone has seen and for which a head is fitted, and what {@link Stamp#search} goes on to do with it, part
 * by part, so that each can be measured. Nothing here changes the generator. Tensors belong to the scope in which it was made.
 */
public final class PreparedTarget {
    private final MaskObjective objective;
    private final Parameters generator;
    private final Task task;
    private final Parameters head;

    PreparedTarget(MaskObjective objective, Parameters generator, Task task) {
        this.objective = objective;
        this.generator = generator;
        this.task = task;
        this.head = objective.head(generator, task);
    }

    /** What the set encoder makes of one set, {@code [groups, queries * features]}. */
    public Tensor encode() {
        return objective.generator().encode(generator, task.pool().statistics(firstSet()));
    }

    /** E[m] of every channel for one set, {@code [C]} by group: encoding, mask functions, expectation. */
    public Map<String, Tensor> mask() {
        return new TreeMap<>(objective.expected(objective.gates(generator, task, firstSet())));
    }

    /** Adapts copies of generator and head, to first order; the loss of the last step. */
    public double adapt(int steps) {
        try (Scope _ = Scope.open()) {
            return new InnerLoop(objective).adapt(generator, head, task, steps).loss();
        }
    }

    /**
     * Unrolls the same steps as a differentiable function and differentiates it to second order, as exact MAML does; the loss of the last
     * step. The sum of everything adapted stands for the query loss, whose own cost does not depend on the order.
     */
    public double adaptExactly(int steps) {
        try (Scope _ = Scope.open()) {
            Parameters leaves = generator.leaves();
            InnerLoop.Adapted adapted = new InnerLoop(objective).unroll(leaves, head, task, steps);
            Tensor sum = Stream.of(adapted.generator(), adapted.head())
                    .flatMap(parameters -> parameters.tensors().stream())
                    .map(Tensor::sum)
                    .reduce(Tensor::plus)
                    .orElseThrow();
            Autograd.gradients(sum, leaves.tensors());
            return adapted.loss();
        }
    }

    /** The one that a search without adaptation looks at first. */
    private int[] firstSet() {
        return task.set(objective.config().inner().setSize(), 1);
    }
}
