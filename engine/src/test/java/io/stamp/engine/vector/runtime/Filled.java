package io.stamp.engine.vector.runtime;

import io.stamp.engine.Shape;
import java.util.Random;

/** Tensors' memory for kernel tests, without a backend. */
public final class Filled {
    private Filled() {}

    /** Values in [-1, 1). */
    public static Floats random(long seed, int... dims) {
        Shape shape = Shape.of(dims);
        FloatMemory memory = new FloatMemory(Math.ceilDiv(shape.length(), Lanes.GRANULE) * Lanes.GRANULE);
        Random random = new Random(seed);
        for (int i = 0; i < memory.values().length; i++) {
            memory.values()[i] = 2 * random.nextFloat() - 1;
        }
        return new Floats(shape, memory);
    }

    /** As {@link #random}, in [0, 1). */
    public static Floats positive(long seed, int... dims) {
        Floats floats = random(seed, dims);
        for (int i = 0; i < floats.data().length; i++) {
            floats.data()[i] = Math.abs(floats.data()[i]);
        }
        return floats;
    }
}
