package io.stamp.bench.measure;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.random.RandomStream;

/** Values to compute with where only time or agreement matters: the same number gives the same values. */
public final class RandomValues {
    private static final int STREAM = 0x7493;

    private RandomValues() {}

    /** So many values in [-0.5, 0.5). */
    public static float[] uniform(int length, long number) {
        RandomStream random = new RandomStream(number, STREAM);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextUniform() - 0.5f;
        }
        return values;
    }

    /** The same as a tensor, which belongs to the innermost scope. */
    public static Tensor uniform(Backend backend, Shape shape, long number) {
        return Tensor.of(backend, shape, uniform(shape.length(), number));
    }

    /** Noise with the moments of normalised images, {@code [batch,H,W,C]}. */
    public static float[] images(InputShape shape, int batch) {
        RandomStream random = new RandomStream(0, STREAM);
        float[] values = new float[shape.batch(batch).length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The same as a tensor, which belongs to the innermost scope. */
    public static Tensor images(Backend backend, InputShape shape, int batch) {
        return Tensor.of(backend, shape.batch(batch), images(shape, batch));
    }
}
