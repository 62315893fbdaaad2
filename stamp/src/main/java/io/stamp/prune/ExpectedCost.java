package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.MatMul;
import java.util.List;
import java.util.Map;

/**
 * The cost of a gated network as a fraction of the full one, in tensor operations: every count of kept channels is replaced by the sum of
 * their gates. For gates 0 and 1 it equals {@link CostModel#of}. Works on fractions throughout, so that float32 suffices.
 */
public final class ExpectedCost {
    private final Backend backend;
    private final GateVector vector;

    /** Row a holds, for each gate, the share of axis a that it stands for; the last row is the constant 1. */
    private final Tensor shares;

    private final Tensor coefficients;
    private final int[] left;
    private final int[] right;

    ExpectedCost(Backend backend, ChannelGroups groups, Cost.Kind kind) {
        this.backend = backend;
        this.vector = groups.gates();
        CostModel model = groups.cost();
        this.shares = shares(backend, vector, model.axes());
        List<CostModel.Term> terms = model.terms();
        long full = model.full().of(kind);
        double[] fractions = new double[terms.size() + 1];
        left = new int[terms.size() + 1];
        right = new int[terms.size() + 1];
        for (int i = 0; i < terms.size(); i++) {
            CostModel.Term term = terms.get(i);
            long perPair = kind == Cost.Kind.PARAMETERS ? term.parameters() : term.macs();
            fractions[i] = (double) perPair * size(model, term.left()) * size(model, term.right()) / full;
            left[i] = row(model, term.left());
            right[i] = row(model, term.right());
        }
        fractions[terms.size()] = kind == Cost.Kind.MACS ? (double) model.constantMacs() / full : 0;
        left[terms.size()] = model.axes().size();
        right[terms.size()] = model.axes().size();
        coefficients = Tensor.of(backend, Shape.of(1, fractions.length), fractions);
    }

    private static Tensor shares(Backend backend, GateVector vector, List<int[]> axes) {
        double[] shares = new double[(axes.size() + 1) * vector.length()];
        for (int a = 0; a < axes.size(); a++) {
            for (int position : vector.positions(axes.get(a))) {
                shares[a * vector.length() + position] += 1.0 / axes.get(a).length;
            }
        }
        shares[shares.length - 1] = 1;
        return Tensor.of(backend, Shape.of(axes.size() + 1, vector.length()), shares);
    }

    private static int size(CostModel model, int axis) {
        return axis == CostModel.NONE ? 1 : model.axes().get(axis).length;
    }

    private static int row(CostModel model, int axis) {
        return axis == CostModel.NONE ? model.axes().size() : axis;
    }

    /**
     * The fraction, a scalar.
     *
     * @param gates gates {@code [size]} of every prunable group
     */
    public Tensor of(Map<String, Tensor> gates) {
        Tensor counts = MatMul.of(vector.of(backend, gates).reshape(1, vector.length()), shares, false, true);
        return Gather.of(counts, 1, left)
                .times(Gather.of(counts, 1, right))
                .times(coefficients)
                .sum();
    }
}
