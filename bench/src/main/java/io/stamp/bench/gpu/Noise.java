package io.stamp.bench.gpu;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Uniform;

/** Values to compute with, drawn on the device. */
final class Noise {
    private static final int STREAM = 0x7494;

    private Noise() {}

    /** Uniform between -0.5 and 0.5. */
    static Tensor of(Backend backend, Shape shape) {
        return Uniform.of(backend, shape, 1, STREAM, 0).plus(-0.5);
    }
}
