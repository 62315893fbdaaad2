package io.stamp.bench.measure;

import io.stamp.engine.optim.Sgd;
import io.stamp.train.Batches;
import java.util.Arrays;

/** What all measurements of training have in common. */
public final class MeasuredTraining {
    /** Learning rate: small, so that thousands of steps on one batch stay in the range of ordinary numbers. */
    public static final double RATE = 1e-3;

    /** Nesterov's momentum and weight decay, as the networks are really trained. */
    public static final Sgd.Options OPTIMISER = new Sgd.Options(0.9, 5e-4, true);

    private MeasuredTraining() {}

    /** Labels as rows, {@code [batch, classes]}: 1 at the class of the image, the classes in turns, and 0 elsewhere. */
    public static float[] labels(int batch, int classes) {
        int[] labels = new int[batch];
        Arrays.setAll(labels, i -> i % classes);
        return Batches.rows(labels, classes, 0);
    }
}
