package io.stamp.method.importance;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;
import io.stamp.prune.MaskedModel;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The derivatives of the loss by gates that multiply channels where layers read them, {@code dL/dm}. Batch-norm uses the statistics of
 * the batch, since those of the reference data belong to other images.
 */
final class GateGradients {
    private GateGradients() {}

    /** A gate of 1 for each channel of every prunable group. */
    static Map<String, double[]> ones(PruningTask task) {
        Map<String, double[]> ones = new TreeMap<>();
        task.groups().sizes().forEach((group, size) -> {
            double[] gates = new double[size];
            Arrays.fill(gates, 1);
            ones.put(group, gates);
        });
        return ones;
    }

    /**
     * The mean over images of {@code m dL/dm}, for each channel of every prunable group.
     *
     * @param model for the task's classes
     * @param gates at which the derivative is taken, by group
     * @param images of the target
     * @param batch images that share batch-norm statistics
     */
    static Map<String, double[]> meanTimesGate(
            PruningTask task, Model model, Map<String, double[]> gates, int[] images, int batch) {
        Map<String, double[]> sums = new TreeMap<>();
        gates.forEach((group, values) -> sums.put(group, new double[values.length]));
        int seen = 0;
        // A last batch of one image has no batch statistics to speak of.
        for (int from = 0; from < images.length && (from == 0 || images.length - from > 1); from += batch) {
            int[] part = Arrays.copyOfRange(images, from, Math.min(from + batch, images.length));
            add(sums, task, model, gates, part);
            seen += part.length;
        }
        int count = seen;
        sums.forEach((group, sum) -> Arrays.setAll(sum, k -> gates.get(group)[k] * sum[k] / count));
        return sums;
    }

    private static void add(
            Map<String, double[]> sums, PruningTask task, Model model, Map<String, double[]> values, int[] batch) {
        try (Scope _ = Scope.open()) {
            Parameters gates = tensors(model, values).leaves();
            MaskedModel masked = new MaskedModel(task.groups(), model, gates.asMap());
            Tensor logits = masked.forward(BatchNormMode.BATCH).logits(task.images(batch));
            Tensor loss = Layers.crossEntropy(logits, task.labels(batch));
            Parameters gradients = gates.withTensors(Autograd.gradients(loss, gates.tensors()));
            gradients.asMap().forEach((group, tensor) -> {
                double[] gradient = tensor.doubles();
                // The loss is the mean over the batch.
                Arrays.setAll(sums.get(group), k -> sums.get(group)[k] + batch.length * gradient[k]);
            });
        }
    }

    /** Gates as {@link MaskedModel} takes them. */
    static Parameters tensors(Model model, Map<String, double[]> gates) {
        Map<String, Tensor> tensors = new TreeMap<>();
        gates.forEach(
                (group, values) -> tensors.put(group, Tensor.of(model.backend(), Shape.of(values.length), values)));
        return new Parameters(tensors);
    }
}
