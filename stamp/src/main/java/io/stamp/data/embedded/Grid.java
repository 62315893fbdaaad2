package io.stamp.data.embedded;

/**
 * A function of the plane, sampled once on a square and read back by bilinear interpolation. Drawing then costs the
 * same for every shape and texture, however expensive its formula.
 */
final class Grid {
    /** The function that is sampled; both coordinates in object units, where a shape fills about the unit disc. */
    @FunctionalInterface
    interface Field {
        double at(double u, double v);
    }

    private final float[] values;
    private final int side;
    private final float extent;
    private final float scale;

    /** Samples {@code field} at side x side points that cover [-extent, extent] in both directions. */
    Grid(int side, float extent, Field field) {
        this.side = side;
        this.extent = extent;
        this.scale = (side - 1) / (2 * extent);
        values = new float[side * side];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                values[row * side + column] =
                        (float) field.at(column / (double) scale - extent, row / (double) scale - extent);
            }
        }
    }

    /** The value at (u, v); outside the sampled square that of its nearest edge. */
    float at(float u, float v) {
        float x = Math.min(side - 1.001f, Math.max(0f, (u + extent) * scale));
        float y = Math.min(side - 1.001f, Math.max(0f, (v + extent) * scale));
        int column = (int) x;
        int row = (int) y;
        float right = x - column;
        float down = y - row;
        int corner = row * side + column;
        float top = values[corner] + right * (values[corner + 1] - values[corner]);
        float bottom = values[corner + side] + right * (values[corner + side + 1] - values[corner + side]);
        return top + down * (bottom - top);
    }
}
