package io.stamp.engine.vector.codegen;

import io.stamp.engine.vector.runtime.Lanes;

/**
 * A {@link GridKernel} for cells of any length.
 *
 * @param tail null where whole vectors are written, as to a buffer, which has room for them
 */
public record GridMap(GridKernel whole, GridKernel tail) {
    /** From an image to a buffer whose cells are {@code distance} apart. */
    public static GridMap toBuffer(String name, PointMatrix left, PointMatrix right, int distance) {
        return new GridMap(GridCompiler.kernel(name, left, right, true, distance, false), null);
    }

    /** From a buffer whose cells are {@code distance} apart to an image. */
    public static GridMap fromBuffer(String name, PointMatrix left, PointMatrix right, int distance) {
        return new GridMap(
                GridCompiler.kernel(name, left, right, false, distance, false),
                GridCompiler.kernel(name + "Tail", left, right, false, distance, true));
    }

    /**
     * Maps cells of {@code length} elements, steps as in {@link GridKernel#run}. Reads the last vectors whole, and writes them whole to
     * a buffer.
     */
    public void run(int length, float[] from, int fromOffset, float[] to, int toOffset, int rowStep, int columnStep) {
        int vectors = tail == null ? Math.ceilDiv(length, Lanes.COUNT) : length / Lanes.COUNT;
        int done = vectors * Lanes.COUNT;
        if (vectors > 0) {
            whole.run(vectors, from, fromOffset, to, toOffset, rowStep, columnStep);
        }
        if (done < length) {
            tail.run(length - done, from, fromOffset + done, to, toOffset + done, rowStep, columnStep);
        }
    }
}
