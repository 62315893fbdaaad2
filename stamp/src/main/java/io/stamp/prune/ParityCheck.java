package io.stamp.prune;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import java.util.Map;
import java.util.TreeMap;

/** Compares a compacted model with the masked model that it stands for. */
final class ParityCheck {
    private static final int REFERENCE_IMAGES = 2;
    private static final int RUNNING_IMAGES = 32;
    private static final long SEED = 20200619;
    private static final int STREAM = 0x50415249;

    private ParityCheck() {}

    /**
     * Runs both checks with standard normal images that are always the same.
     *
     * @param compact what the plan made of the model, on the model's backend
     */
    static Parity run(Model model, PruningPlan plan, Map<String, Tensor> gates, Model compact) {
        double running = difference(MaskedModel.of(model, plan, gates), compact, RUNNING_IMAGES);
        return new Parity(
                inReference(model, plan, gates), running, model.backend().name());
    }

    /** Repeats the compaction in float64, since folding gates rounds on other backends. */
    private static double inReference(Model model, PruningPlan plan, Map<String, Tensor> gates) {
        try (ReferenceBackend reference = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model exact = model.on(reference);
            Map<String, Tensor> exactGates = new TreeMap<>();
            gates.forEach((group, gate) -> exactGates.put(group, Tensor.of(reference, gate.shape(), gate.doubles())));
            return difference(
                    MaskedModel.of(exact, plan, exactGates),
                    Compaction.transform(exact, plan, exactGates),
                    REFERENCE_IMAGES);
        }
    }

    private static double difference(MaskedModel masked, Model compact, int images) {
        try (Scope _ = Scope.open()) {
            Tensor batch = images(compact, images);
            return difference(
                    masked.logits(batch).doubles(), compact.logits(batch).doubles());
        }
    }

    /**
     * {@code max|difference| / max|logit|}; not a number where a logit is not, or where all are 0 in both: then nothing was compared.
     */
    static double difference(double[] masked, double[] compacted) {
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < masked.length; i++) {
            largest = Math.max(largest, Math.abs(masked[i]));
            worst = Math.max(worst, Math.abs(masked[i] - compacted[i]));
        }
        return worst / largest;
    }

    private static Tensor images(Model model, int count) {
        Shape shape = model.network().input().batch(count);
        RandomStream random = new RandomStream(SEED, STREAM);
        float[] values = new float[shape.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(model.backend(), shape, values);
    }
}
