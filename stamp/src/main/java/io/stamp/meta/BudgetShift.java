package io.stamp.meta;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Slice;
import io.stamp.prune.ExpectedCost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Raises or lowers the gates of all channels together until what is expected of them costs exactly the budget. Masks of one budget can
 * then be compared by their loss alone, and in a gradient every channel pays for what it costs at the price that the others set: the
 * shift's derivative is the Lagrange multiplier of the budget, so that no penalty has to be weighed against the loss.
 *
 * @param cost of expected gates, a fraction of the full network's
 */
record BudgetShift(GateDistribution distribution, ExpectedCost cost) {
    /** Beyond, every gate is shut or open as far as float32 can tell. */
    private static final double BOUND = 20;

    private static final int HALVINGS = 20;
    /** From the root, two steps make the first two derivatives exact (each doubles the order), and one more order is never taken. */
    private static final int NEWTON_STEPS = 2;

    /**
     * Shifted raw numbers {@code [k,C]} of each group, differentiable in those given; as many gates as there can be, or as few, where no
     * shift meets the budget.
     */
    Map<String, Tensor> of(Map<String, Tensor> raw, double budget) {
        Tensor all = Concat.of(1, List.copyOf(raw.values()));
        double root = root(raw, all, budget);
        Tensor shift = Tensor.scalar(all.backend(), root).leaf();
        if (Math.abs(root) < BOUND) {
            for (int step = 0; step < NEWTON_STEPS; step++) {
                Tensor cost = cost(raw, all, shift);
                Tensor slope = Autograd.gradients(cost, List.of(shift), true).getFirst();
                shift = shift.minus(cost.plus(-budget).over(slope));
            }
        }
        // Newton's steps are tracked, and whatever is computed with gates would be, where nobody asks for a gradient.
        return split(raw, distribution.shifted(all, all.tracked() ? shift : shift.detach()));
    }

    private double root(Map<String, Tensor> raw, Tensor all, double budget) {
        try (Scope _ = Scope.open()) {
            Tensor constant = all.detach();
            double low = -BOUND;
            double high = BOUND;
            for (int i = 0; i < HALVINGS; i++) {
                double middle = (low + high) / 2;
                boolean tooMuch = cost(raw, constant, Tensor.scalar(all.backend(), middle))
                                .scalar()
                        > budget;
                low = tooMuch ? low : middle;
                high = tooMuch ? middle : high;
            }
            double root = (low + high) / 2;
            return BOUND - Math.abs(root) < 1e-3 ? Math.signum(root) * BOUND : root;
        }
    }

    private Tensor cost(Map<String, Tensor> raw, Tensor all, Tensor shift) {
        return cost.of(split(raw, distribution.expected(distribution.shifted(all, shift))));
    }

    /** By the last axis. */
    private static Map<String, Tensor> split(Map<String, Tensor> raw, Tensor all) {
        Map<String, Tensor> parts = new LinkedHashMap<>();
        int from = 0;
        for (Map.Entry<String, Tensor> group : raw.entrySet()) {
            int to = from + group.getValue().shape().dim(1);
            parts.put(group.getKey(), Slice.of(all, all.shape().rank() - 1, from, to));
            from = to;
        }
        return parts;
    }
}
