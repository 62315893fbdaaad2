package io.stamp.engine.vector.runtime;

import java.util.Arrays;

/** Buffers of one thread, kept from call to call so that kernels do not allocate. */
public final class Scratch {
    private float[][] buffers = new float[8][];

    Scratch() {}

    /**
     * The buffer of a slot, at least {@code size} long, with whatever its last user left in it. Asking for a longer one
     * replaces the buffer, so nobody may hold a slot's buffer while code that uses the same slot runs.
     */
    public float[] floats(Slot slot, int size) {
        int index = slot.index;
        if (index >= buffers.length) {
            buffers = Arrays.copyOf(buffers, index + 8);
        }
        float[] buffer = buffers[index];
        if (buffer == null || buffer.length < size) {
            buffer = new float[size];
            buffers[index] = buffer;
        }
        return buffer;
    }
}
