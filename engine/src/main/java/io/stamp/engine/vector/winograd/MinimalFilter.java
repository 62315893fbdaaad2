package io.stamp.engine.vector.winograd;

import io.stamp.engine.vector.codegen.PointMatrix;

/**
 * Winograd's minimal filtering algorithm in one dimension: m outputs of a filter with 3 taps by m + 2 multiplications,
 * {@code y = A^T [(G g) * (B^T d)]} for m + 2 inputs d, where {@code *} is by element. It is the product of two polynomials by their
 * values at m + 1 points and at infinity (Toom and Cook), transposed; see Winograd, Arithmetic Complexity of Computations, 1980,
 * and Lavin and Gray, arXiv 1509.09308.
 *
 * @param output A^T, {@code [m][m + 2]}
 * @param weights G, {@code [m + 2][3]}
 * @param input B^T, {@code [m + 2][m + 2]}
 */
record MinimalFilter(PointMatrix output, PointMatrix weights, PointMatrix input) {
    static final int TAPS = 3;

    /**
     * The algorithm with points 0, p, -p for each of the given p, and infinity; their number decides m.
     */
    static MinimalFilter of(double... pairs) {
        double[] points = new double[1 + 2 * pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            points[1 + 2 * i] = pairs[i];
            points[2 + 2 * i] = -pairs[i];
        }
        int size = points.length + 1;
        int m = size - TAPS + 1;
        double[][] a = new double[size][m];
        double[][] g = new double[size][TAPS];
        double[][] b = new double[size][];
        for (int i = 0; i < points.length; i++) {
            double norm = 1;
            for (int k = 0; k < points.length; k++) {
                norm *= k == i ? 1 : points[i] - points[k];
            }
            for (int j = 0; j < m; j++) {
                a[i][j] = Math.pow(points[i], j);
            }
            for (int j = 0; j < TAPS; j++) {
                g[i][j] = Math.pow(points[i], j) / norm;
            }
            b[i] = productWithout(points, i);
        }
        a[size - 1][m - 1] = 1;
        g[size - 1][TAPS - 1] = 1;
        b[size - 1] = productWithout(points, -1);
        return new MinimalFilter(
                new PointMatrix(a, true).transposed(), new PointMatrix(g, true), new PointMatrix(b, true));
    }

    /** Coefficients, the constant one first, of the product of all {@code (x - point)} but that of one point. */
    private static double[] productWithout(double[] points, int left) {
        double[] product = new double[points.length + 1];
        product[0] = 1;
        for (int k = 0; k < points.length; k++) {
            if (k == left) {
                continue;
            }
            for (int i = product.length - 1; i >= 0; i--) {
                product[i] = (i > 0 ? product[i - 1] : 0) - points[k] * product[i];
            }
        }
        return product;
    }

    /** Inputs that the outputs of one application see, m + 2. */
    int size() {
        return input.rows();
    }

    /** m. */
    int outputs() {
        return output.rows();
    }
}
