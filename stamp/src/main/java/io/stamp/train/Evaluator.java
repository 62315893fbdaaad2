package io.stamp.train;

import io.stamp.data.Batch;
import io.stamp.data.EvaluationBatches;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Accuracy on a labelled set, and fresh batch-norm statistics. */
public final class Evaluator {
    private static final int BATCH = 250;
    private static final int RECALIBRATION_STREAM = 201;

    private Evaluator() {}

    /**
     * Says before long work whether its result can be tested.
     *
     * @throws StampException where there are no images: an accuracy on none is no number
     */
    public static void requireImages(ImageSet images) {
        if (images.size() == 0) {
            throw new StampException("The set " + images.name()
                    + " has no images, so no accuracy can be measured on it; use data with test images.");
        }
    }

    /** The share of images whose largest logit is their class, with running statistics; an error where a logit is NaN. */
    public static double accuracy(Backend backend, Model model, ImageSet images, Normalisation normalisation) {
        try (Scope _ = Scope.open()) {
            model.network().requireInput(images.name(), images.shape());
            return accuracy(backend, model.inferenceFunction(), images, normalisation);
        }
    }

    /** As above for any function from images to logits {@code [N, classes]}. */
    public static double accuracy(
            Backend backend, Function<Tensor, Tensor> network, ImageSet images, Normalisation normalisation) {
        requireImages(images);
        long correct = 0;
        for (Batch batch : new EvaluationBatches(images, normalisation, BATCH)) {
            try (Scope _ = Scope.open()) {
                float[] logits = network.apply(Batches.images(backend, batch)).floats();
                correct += correct(logits, batch.labels(), batch.size());
            }
        }
        return (double) correct / images.size();
    }

    /** The mean cross-entropy on a labelled set, with running statistics. */
    public static double loss(Backend backend, Model model, ImageSet images, Normalisation normalisation) {
        double sum = 0;
        try (Scope _ = Scope.open()) {
            UnaryOperator<Tensor> network = model.inferenceFunction();
            for (Batch batch : new EvaluationBatches(images, normalisation, BATCH)) {
                try (Scope _ = Scope.open()) {
                    Tensor labels = Batches.oneHot(
                            backend, batch.labels(), model.network().classes(), 0);
                    Tensor logits = network.apply(Batches.images(backend, batch));
                    sum += Layers.crossEntropy(logits, labels).scalar() * batch.size();
                }
            }
        }
        return sum / images.size();
    }

    private static long correct(float[] logits, int[] labels, int size) {
        int classes = logits.length / size;
        long correct = 0;
        for (int i = 0; i < size; i++) {
            int best = 0;
            for (int c = 0; c < classes; c++) {
                requireNumber(logits[i * classes + c]);
                if (logits[i * classes + c] > logits[i * classes + best]) {
                    best = c;
                }
            }
            if (best == labels[i]) {
                correct++;
            }
        }
        return correct;
    }

    /** Of logits that are not numbers the first class would be the prediction, which looks like a poor network. */
    private static void requireNumber(float logit) {
        if (Float.isNaN(logit)) {
            throw new DivergedException(
                    "The network gives an image a logit that is not a number, so it has no accuracy; its"
                            + " training diverged, use a lower learning rate.");
        }
    }

    /**
     * Replaces a model's running statistics, in place, by the average over {@code batches} random batches of the images, or as many
     * whole ones as there are: after compaction the old ones belong to another network. Fewer images than a batch make one batch.
     */
    public static void recalibrate(
            Backend backend,
            Model model,
            ImageSet images,
            Normalisation normalisation,
            int batch,
            int batches,
            long seed) {
        model.network().requireInput(images.name(), images.shape());
        int[] order = IntStream.range(0, images.size()).toArray();
        new RandomStream(seed, RECALIBRATION_STREAM).shuffle(order);
        int whole = Math.min(order.length / batch, batches) * batch;
        ImageSet random = images.select(whole == 0 ? order : Arrays.copyOf(order, whole));
        int done = 0;
        for (Batch part : new EvaluationBatches(random, normalisation, batch)) {
            try (Scope _ = Scope.open()) {
                Forward forward = Forward.of(model.network(), model.parameters(), model.state(), BatchNormMode.BATCH);
                forward.logits(Batches.images(backend, part));
                done++;
                forward.updateState(1.0 / done);
            }
        }
    }
}
