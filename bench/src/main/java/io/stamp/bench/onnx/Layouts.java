package io.stamp.bench.onnx;

/** Between the engine's order of elements, channels last, and that of ONNX and PyTorch, channels first. */
public final class Layouts {
    private Layouts() {}

    /**
     * {@code [N,H,W,C] -> [N,C,H,W]}; for weights, {@code [O,KH,KW,I] -> [O,I,KH,KW]}.
     *
     * @param dims the four sizes in the order of {@code values}
     */
    public static float[] channelsFirst(float[] values, int... dims) {
        return swapped(values, dims[0], dims[1] * dims[2], dims[3]);
    }

    /**
     * {@code [N,C,H,W] -> [N,H,W,C]}; for weights, {@code [O,I,KH,KW] -> [O,KH,KW,I]}.
     *
     * @param dims the four sizes in the order of {@code values}
     */
    public static float[] channelsLast(float[] values, int... dims) {
        return swapped(values, dims[0], dims[1], dims[2] * dims[3]);
    }

    /** {@code [outer, rows, columns] -> [outer, columns, rows]}. */
    private static float[] swapped(float[] values, int outer, int rows, int columns) {
        float[] result = new float[values.length];
        for (int o = 0; o < outer; o++) {
            int start = o * rows * columns;
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    result[start + column * rows + row] = values[start + row * columns + column];
                }
            }
        }
        return result;
    }
}
