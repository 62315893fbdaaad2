package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.op.Concat;
import io.stamp.prune.MaskedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A task's images as a masked network sees them, in any order. Batch-norm uses the statistics of batches that have the task's class mix.
 *
 * @param features what the head reads, {@code [images, features]}
 * @param labels one-hot, {@code [images, classes]}
 */
record TaskFeatures(Tensor features, Tensor labels) {
    private static final int BATCH = 250;

    /** Owned by the innermost scope. */
    static TaskFeatures of(MaskedModel masked, Task task, int[] images) {
        List<int[]> batches = task.evenBatches(images, BATCH);
        int[] inOrder = batches.stream().flatMapToInt(Arrays::stream).toArray();
        try (Scope scope = Scope.open()) {
            List<Tensor> features = batches.stream()
                    .map(batch -> scope.keep(
                            features(masked, task.pool().head(), task.pool().batch(batch))))
                    .toList();
            return new TaskFeatures(scope.keep(Concat.of(0, features)), scope.keep(task.labels(inOrder)));
        }
    }

    private static Tensor features(MaskedModel masked, String head, Tensor images) {
        try (Scope scope = Scope.open()) {
            List<Tensor> features = new ArrayList<>();
            InputHook hook = (layer, x) -> {
                Tensor gated = masked.hook().apply(layer, x);
                if (layer.equals(head)) {
                    features.add(scope.keep(gated.alias()));
                }
                return gated;
            };
            masked.model().forward(BatchNormMode.BATCH, hook).logits(images);
            return features.getFirst();
        }
    }
}
