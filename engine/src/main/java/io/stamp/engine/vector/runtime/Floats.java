package io.stamp.engine.vector.runtime;

import io.stamp.engine.Shape;

/**
 * A shape and its float32 values, row-major. The array is longer than the shape: its length is a multiple of
 * {@link Lanes#GRANULE}, so a kernel may read and write the last vector whole; what lies past the shape means nothing.
 */
public record Floats(Shape shape, FloatMemory memory) {
    /** The values. */
    public float[] data() {
        return memory.values();
    }

    /** Number of elements that mean something. */
    public int size() {
        return (int) shape.size();
    }
}
