package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.prune.Cost;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PruningPlan;

/** Judges one mask on one task: a new head is fitted on what the masked network makes of the support images, and asked about the others. */
final class MaskJudge {
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
            TaskFeatures support = TaskFeatures.of(masked, task, task.headImages(TaskHead.IMAGES));
            String layer = task.pool().head();
            Parameters head = TaskHead.fit(
                    layer,
                    support.features(),
                    support.labels(),
                    stamp.config().inner().headSteps());
            TaskFeatures query = TaskFeatures.of(masked, task, task.query());
            Tensor logits = Layers.linear(query.features(), head.get(layer + ".weight"), head.get(layer + ".bias"));
            return new Judgement(
                    Layers.crossEntropy(logits, query.labels()).scalar(),
                    accuracy(logits, query.labels()),
                    left(plan, Cost.Kind.MACS),
                    left(plan, Cost.Kind.PARAMETERS));
        }
    }

    private static double left(PruningPlan plan, Cost.Kind kind) {
        return (double) plan.achieved().of(kind) / plan.full().of(kind);
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
