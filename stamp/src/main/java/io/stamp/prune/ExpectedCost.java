package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.MatMul;
import java.util.ArrayList;
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

    private final Segments.Evaluated functions;
    private final Tensor coefficients;
    private final int[] left;
    private final int[] right;

    /** A coefficient times a function of the share of one axis times one of another. */
    private record Product(double coefficient, int left, int right) {}

    ExpectedCost(Backend backend, ChannelGroups groups, Cost.Kind kind) {
        this.backend = backend;
        this.vector = groups.gates();
        CostModel model = groups.cost();
        this.shares = shares(backend, vector, model.axes());
        Segments segments = new Segments();
        List<Product> products = products(model, kind, segments);
        this.functions = segments.on(backend);
        this.left = products.stream().mapToInt(Product::left).toArray();
        this.right = products.stream().mapToInt(Product::right).toArray();
        this.coefficients = Tensor.of(
                backend,
                Shape.of(1, products.size()),
                products.stream().mapToDouble(Product::coefficient).toArray());
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

    private static List<Product> products(CostModel model, Cost.Kind kind, Segments segments) {
        double full = model.full().of(kind);
        int one = segments.share(model.axes().size());
        List<Product> products = new ArrayList<>();
        for (CostModel.Term term : model.terms()) {
            if (kind != Cost.Kind.LATENCY) {
                products.add(new Product(
                        term.of(kind, size(model, term.left()), size(model, term.right())) / full,
                        term.left() == CostModel.NONE ? one : segments.share(term.left()),
                        term.right() == CostModel.NONE ? one : segments.share(term.right())));
            } else if (term.latency() != null) {
                addLatency(model, term, full, segments, one, products);
            }
        }
        products.add(new Product(model.constant(kind) / full, one, one));
        return products;
    }

    /** Bilinear interpolation: the products of the segments of both axes, with the steps of the table along both as coefficients. */
    private static void addLatency(
            CostModel model, CostModel.Term term, double full, Segments segments, int one, List<Product> products) {
        LatencyTable.Layer layer = term.latency();
        int[] rows = segments.between(term.left(), one, points(layer.outputs(), size(model, term.left())));
        int[] columns = segments.between(term.right(), one, points(layer.inputs(), size(model, term.right())));
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < columns.length; j++) {
                double step = seconds(layer, i, j)
                        - seconds(layer, i - 1, j)
                        - seconds(layer, i, j - 1)
                        + seconds(layer, i - 1, j - 1);
                if (step != 0) {
                    products.add(new Product(LatencyTable.NANOS * step / full, rows[i], columns[j]));
                }
            }
        }
    }

    private static double[] points(List<Integer> counts, long size) {
        return counts.stream().mapToDouble(count -> (double) count / size).toArray();
    }

    private static double seconds(LatencyTable.Layer layer, int row, int column) {
        return row < 0 || column < 0 ? 0 : layer.seconds().get(row).get(column);
    }

    private static long size(CostModel model, int axis) {
        return axis == CostModel.NONE ? 1 : model.axes().get(axis).length;
    }

    /**
     * The fraction, a scalar.
     *
     * @param gates gates {@code [size]} of every prunable group
     */
    public Tensor of(Map<String, Tensor> gates) {
        Tensor kept = MatMul.of(vector.of(backend, gates).reshape(1, vector.length()), shares, false, true);
        Tensor values = functions.of(kept);
        return Gather.of(values, 1, left)
                .times(Gather.of(values, 1, right))
                .times(coefficients)
                .sum();
    }
}
