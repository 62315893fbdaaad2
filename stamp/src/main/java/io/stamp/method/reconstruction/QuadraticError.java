package io.stamp.method.reconstruction;

import java.util.stream.IntStream;

/**
 * The squared error of a weighted sum, {@code E(b) = sum w (t - b^T z)^2 = b^T A b - 2 b^T c + d}, where z is what the channels of a group
 * contribute to an output, t what the output should be, and w how much that matters. All that channels are chosen by is in A, c and d.
 */
public final class QuadraticError {
    private final Matrix products;
    private final double[] correlations;
    private double constant;
    private boolean mirrored;

    public QuadraticError(int size) {
        products = Matrix.zeros(size, size);
        correlations = new double[size];
    }

    /** Takes in one output. */
    public void add(double[] contributions, double target, double weight) {
        products.addOuter(contributions, weight);
        for (int i = 0; i < correlations.length; i++) {
            correlations[i] += weight * target * contributions[i];
        }
        constant += weight * target * target;
        mirrored = false;
    }

    public int size() {
        return correlations.length;
    }

    /** A, symmetric. */
    public Matrix products() {
        if (!mirrored) {
            products.mirror();
            mirrored = true;
        }
        return products;
    }

    /** c. */
    public double[] correlations() {
        return correlations;
    }

    /** d, the error of no channel at all. */
    public double constant() {
        return constant;
    }

    /** The error with these factors. */
    public double of(double[] factors) {
        Matrix all = products();
        double sum = constant;
        for (int i = 0; i < factors.length; i++) {
            sum -= 2 * factors[i] * correlations[i];
            for (int j = 0; j < factors.length; j++) {
                sum += factors[i] * factors[j] * all.get(i, j);
            }
        }
        return sum;
    }

    /**
     * The factors of the kept channels that make the error least, 0 for the others; with a penalty on their distance from 1, where they
     * come from, so that channels about which the sample says nothing stay as they are.
     *
     * @param ridge of that penalty, as a share of the mean of A's diagonal
     */
    public double[] bestFactors(boolean[] keeps, double ridge) {
        int[] kept = IntStream.range(0, keeps.length).filter(k -> keeps[k]).toArray();
        Matrix left = products().select(kept);
        double penalty = ridge * left.meanDiagonal();
        Matrix right = Matrix.zeros(kept.length, 1);
        for (int i = 0; i < kept.length; i++) {
            double residual = correlations[kept[i]];
            for (int j = 0; j < kept.length; j++) {
                residual -= left.get(i, j);
            }
            right.add(i, 0, residual);
        }
        if (penalty > 0) {
            IntStream.range(0, kept.length).forEach(i -> left.add(i, i, penalty));
            new Cholesky(left).solve(right);
        }
        double[] factors = new double[size()];
        for (int i = 0; i < kept.length; i++) {
            factors[kept[i]] = 1 + right.get(i, 0);
        }
        return factors;
    }
}
