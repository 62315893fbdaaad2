package io.stamp.engine.vector.kernel;

/**
 * A matrix of a minimal filtering algorithm, see {@link MinimalFilter}: its rows or its columns belong to points 0, p, -p, q, -q, ...
 * and infinity, so that those of p and -p share their even and their odd part.
 *
 * @param values {@code [row][column]}
 * @param pointsInRows whether the rows belong to points rather than the columns
 */
record PointMatrix(double[][] values, boolean pointsInRows) {
    int rows() {
        return values.length;
    }

    int columns() {
        return values[0].length;
    }

    PointMatrix transposed() {
        double[][] turned = new double[columns()][rows()];
        for (int row = 0; row < rows(); row++) {
            for (int column = 0; column < columns(); column++) {
                turned[column][row] = values[row][column];
            }
        }
        return new PointMatrix(turned, !pointsInRows);
    }
}
