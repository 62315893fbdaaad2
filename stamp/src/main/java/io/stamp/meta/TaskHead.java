package io.stamp.meta;

import io.stamp.data.DataSets;
import io.stamp.data.ImageSet;
import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.model.Model;
import java.util.Map;

/**
 * A new linear head for a task, fitted on the features of the ungated network by a few steps of Adam, full batch: without it the
 * gates would get no useful gradient before the head has learnt something.
 */
public final class TaskHead {
    /** Images of a target that its head and masks are made from, unless told otherwise. */
    static final int TARGET_IMAGES = 1280;

    private static final double RATE = 0.05;
    private static final double DECAY = 1e-3;
    /** Features are used for fitting up to this many images. */
    static final int IMAGES = 1000;

    /** The same for a masked network, of which each task has its own. */
    public static final int MASKED_IMAGES = 256;

    private TaskHead() {}

    /**
     * A head for a target's classes, fitted on the backbone's features of some of its training images: what every way of pruning begins
     * with. Owned by the innermost scope.
     *
     * @param steps of Adam, full batch; {@link MetaConfig.Inner#headSteps()}
     * @param seed of the choice of images
     */
    public static Parameters fit(Model backbone, DataSets target, int steps, long seed) {
        try (Scope scope = Scope.open()) {
            ImageSet images = Task.targetImages(target.train(), TARGET_IMAGES, seed);
            ImagePool pool = ImagePool.ofFeatures(backbone, images, target.normalisation());
            return fit(Task.target(pool, 1, seed), steps).keptBy(scope);
        }
    }

    /** Parameters {@code LAYER.weight [classes, features]} and {@code LAYER.bias [classes]}, owned by the innermost scope. */
    static Parameters fit(Task task, int steps) {
        try (Scope scope = Scope.open()) {
            int[] images = task.headImages(IMAGES);
            return fit(task.pool().head(), task.pool().features(images), task.labels(images), steps)
                    .keptBy(scope);
        }
    }

    /** As above on features {@code [images, features]} and one-hot labels {@code [images, classes]}. */
    public static Parameters fit(String layer, Tensor features, Tensor labels, int steps) {
        try (Scope scope = Scope.open()) {
            Parameters head = zero(
                    features.backend(),
                    layer,
                    labels.shape().dim(1),
                    features.shape().dim(1));
            Adam adam = new Adam(Adam.Options.DEFAULT, head);
            for (int step = 0; step < steps; step++) {
                fitStep(layer, head, adam, features, labels);
            }
            return head.keptBy(scope);
        }
    }

    static Parameters zero(Backend backend, String layer, int classes, int features) {
        Tensor weight = Tensor.filled(backend, Shape.of(classes, features), 0);
        Tensor bias = Tensor.filled(backend, Shape.of(classes), 0);
        return new Parameters(Map.of(layer + ".weight", weight, layer + ".bias", bias));
    }

    private static void fitStep(String layer, Parameters head, Adam adam, Tensor features, Tensor labels) {
        try (Scope _ = Scope.open()) {
            Parameters leaves = head.leaves();
            Tensor weight = leaves.get(layer + ".weight");
            Tensor logits = Layers.linear(features, weight, leaves.get(layer + ".bias"));
            Tensor penalty = weight.times(weight).sum().times(DECAY);
            Tensor loss = Layers.crossEntropy(logits, labels).plus(penalty);
            adam.step(head, leaves.withTensors(Autograd.gradients(loss, leaves.tensors())), RATE);
        }
    }
}
