package io.stamp.method.reconstruction;

/**
 * A dense matrix, row-major.
 *
 * @param values {@code rows * columns} of them; may be written to
 */
public record Matrix(int rows, int columns, double[] values) {
    /** Zeros. */
    public static Matrix zeros(int rows, int columns) {
        return new Matrix(rows, columns, new double[Math.multiplyExact(rows, columns)]);
    }

    public double get(int row, int column) {
        return values[row * columns + column];
    }

    void add(int row, int column, double value) {
        values[row * columns + column] += value;
    }

    /** The square matrix of the rows and columns that are named, in that order. */
    Matrix select(int[] kept) {
        Matrix selected = zeros(kept.length, kept.length);
        for (int i = 0; i < kept.length; i++) {
            for (int j = 0; j < kept.length; j++) {
                selected.values[i * kept.length + j] = get(kept[i], kept[j]);
            }
        }
        return selected;
    }

    /** The mean of the diagonal, the natural unit of a ridge. */
    double meanDiagonal() {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            sum += get(i, i);
        }
        return sum / Math.max(1, rows);
    }

    /** Adds {@code factor * row row^T} to the lower half, the diagonal included; what one sample adds to normal equations. */
    void addOuter(double[] row, double factor) {
        for (int i = 0; i < rows; i++) {
            double scaled = factor * row[i];
            if (scaled != 0) {
                int from = i * columns;
                for (int j = 0; j <= i; j++) {
                    values[from + j] += scaled * row[j];
                }
            }
        }
    }

    /** Copies the lower half to the upper one. */
    void mirror() {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < i; j++) {
                values[j * columns + i] = values[i * columns + j];
            }
        }
    }
}
