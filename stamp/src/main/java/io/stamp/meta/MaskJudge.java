package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.prune.Cost;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PruningPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Judges one mask on one task: a new head is fitted on what the masked network makes of the support images, and asked about the others. */
final class MaskJudge {
    private static final int BATCH = 250;

    private MaskJudge() {}

    /**
     * @param loss cross-entropy on query images
     * @param accuracy share of query images classified correctly
     * @param macs of the masked network as a share of the full one's
     * @param parameters likewise
     */
    record Judgement(double loss, double accuracy, double macs, double parameters) {}

    static Judgement judge(Stamp stamp, PruningPlan plan, Task task) {
        try (Scope _ = Scope.open()) {
            MaskedModel masked = MaskedModel.of(stamp.backbone(), plan);
            Seen support = Seen.of(masked, task, task.headImages(TaskHead.IMAGES));
            String layer = task.pool().head();
            Parameters head = TaskHead.fit(
                    layer,
                    support.features,
                    support.labels,
                    stamp.config().inner().headSteps());
            Seen query = Seen.of(masked, task, task.query());
            Tensor logits = Layers.linear(query.features, head.get(layer + ".weight"), head.get(layer + ".bias"));
            return new Judgement(
                    Layers.crossEntropy(logits, query.labels).scalar(),
                    accuracy(logits, query.labels),
                    left(plan, Cost.Kind.MACS),
                    left(plan, Cost.Kind.PARAMETERS));
        }
    }

    private static double left(PruningPlan plan, Cost.Kind kind) {
        return (double) plan.achieved().of(kind) / plan.full().of(kind);
    }

    /**
     * Images as the masked network sees them, in any order.
     *
     * @param features what the head reads, {@code [images, features]}
     * @param labels one-hot, {@code [images, classes]}
     */
    private record Seen(Tensor features, Tensor labels) {
        static Seen of(MaskedModel masked, Task task, int[] images) {
            List<int[]> batches = task.evenBatches(images, BATCH);
            int[] inOrder = batches.stream().flatMapToInt(Arrays::stream).toArray();
            try (Scope scope = Scope.open()) {
                List<Tensor> features = batches.stream()
                        .map(batch -> scope.keep(batchFeatures(
                                masked, task.pool().head(), task.pool().batch(batch))))
                        .toList();
                return new Seen(scope.keep(Concat.of(0, features)), scope.keep(task.labels(inOrder)));
            }
        }
    }

    private static Tensor batchFeatures(MaskedModel masked, String head, Tensor images) {
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

    private static double accuracy(Tensor logits, Tensor oneHot) {
        float[] values = logits.floats();
        float[] labels = oneHot.floats();
        int classes = logits.shape().dim(1);
        int correct = 0;
        for (int from = 0; from < values.length; from += classes) {
            correct += largest(values, from, classes) == largest(labels, from, classes) ? 1 : 0;
        }
        return (double) correct * classes / values.length;
    }

    private static int largest(float[] values, int from, int count) {
        int best = from;
        for (int i = from; i < from + count; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
