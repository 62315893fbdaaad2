package io.stamp.method.reconstruction;

import io.stamp.engine.FailedException;

/** The factor L of a symmetric positive definite matrix {@code A = L L^T}, for systems of linear equations. */
final class Cholesky {
    private final Matrix factor;

    /**
     * Looks at the lower half alone.
     *
     * @throws FailedException where the matrix is not positive definite
     */
    Cholesky(Matrix matrix) {
        int size = matrix.rows();
        factor = Matrix.zeros(size, size);
        double[] values = factor.values();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = matrix.get(i, j);
                for (int k = 0; k < j; k++) {
                    rest -= values[i * size + k] * values[j * size + k];
                }
                values[i * size + j] = i == j ? root(rest) : rest / values[j * size + j];
            }
        }
    }

    private static double root(double pivot) {
        if (!(pivot > 0) || Double.isInfinite(pivot)) {
            throw new FailedException("The least squares of a reconstruction have no unique solution (a pivot is "
                    + pivot + "); use a larger ridge, or more images.");
        }
        return Math.sqrt(pivot);
    }

    /** Replaces {@code B [size, any]} by the solution X of {@code A X = B}. */
    void solve(Matrix right) {
        int size = factor.rows();
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < i; k++) {
                subtract(right, i, k, factor.get(i, k));
            }
            divide(right, i);
        }
        for (int i = size - 1; i >= 0; i--) {
            for (int k = i + 1; k < size; k++) {
                subtract(right, i, k, factor.get(k, i));
            }
            divide(right, i);
        }
    }

    /** {@code row[to] -= factor * row[from]}. */
    private static void subtract(Matrix right, int to, int from, double factor) {
        int columns = right.columns();
        double[] values = right.values();
        for (int c = 0; c < columns; c++) {
            values[to * columns + c] -= factor * values[from * columns + c];
        }
    }

    private void divide(Matrix right, int row) {
        double pivot = factor.get(row, row);
        for (int c = 0; c < right.columns(); c++) {
            right.values()[row * right.columns() + c] /= pivot;
        }
    }
}
