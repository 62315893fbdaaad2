package io.stamp.engine.vector.codegen;

/**
 * A matrix of a minimal filtering algorithm, see Winograd: its rows or its columns belong to points 0, p, -p, q, -q, ...
 * and infinity, so that those of p and -p share their even and their odd part.
 *
 * @param values {@code [row][column]}
 * @param pointsInRows whether the rows belong to points rather than the columns
 */
public record PointMatrix(double[][] values, boolean pointsInRows) {
    public int rows() {
        return values.length;
    }

    int columns() {
        return values[0].length;
    }

    public PointMatrix transposed() {
        double[][] turned = new double[columns()][rows()];
        for (int row = 0; row < rows(); row++) {
            for (int column = 0; column < columns(); column++) {
                turned[column][row] = values[row][column];
            }
        }
        return new PointMatrix(turned, !pointsInRows);
    }
}
