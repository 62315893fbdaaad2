package io.stamp.engine.vector.reduction;

import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;

/** Log-softmax along the last axis, sums in float64. */
public final class Softmax {
    private Softmax() {}

    public static void logSoftmax(LogSoftmax op, Floats[] in, Floats out, Workers workers) {
        int n = out.shape().dim(-1);
        int rows = n == 0 ? 0 : out.size() / n;
        Ranges.overRows(rows, 16 * n, workers, (from, to) -> {
            for (int row = from; row < to; row++) {
                logSoftmaxRow(in[0].data(), out.data(), row * n, n);
            }
        });
    }

    private static void logSoftmaxRow(float[] x, float[] y, int offset, int n) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = offset; i < offset + n; i++) {
            largest = Math.max(largest, x[i]);
        }
        double sum = 0;
        for (int i = offset; i < offset + n; i++) {
            sum += Math.exp(x[i] - largest);
        }
        double shift = largest + Math.log(sum);
        for (int i = offset; i < offset + n; i++) {
            y[i] = (float) (x[i] - shift);
        }
    }
}
