package io.stamp.train;

import io.stamp.data.Batch;
import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.Arrays;

/** Batches as tensors. */
public final class Batches {
    private Batches() {}

    /** {@code [N,H,W,C]}. */
    public static Tensor images(Backend backend, Batch batch) {
        return Tensor.of(backend, batch.shape().batch(batch.size()), batch.images(), 0);
    }

    /** Labels as rows {@code [N, classes]} of 1 - smoothing at the class, plus smoothing / classes everywhere. */
    public static Tensor oneHot(Backend backend, int[] labels, int classes, double smoothing) {
        return Tensor.of(backend, Shape.of(labels.length, classes), rows(labels, classes, smoothing));
    }

    /** The values of {@link #oneHot}, row after row. */
    public static float[] rows(int[] labels, int classes, double smoothing) {
        float[] rows = new float[labels.length * classes];
        Arrays.fill(rows, (float) (smoothing / classes));
        for (int i = 0; i < labels.length; i++) {
            rows[i * classes + labels[i]] += (float) (1 - smoothing);
        }
        return rows;
    }
}
