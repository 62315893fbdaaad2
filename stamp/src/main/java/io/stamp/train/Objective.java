package io.stamp.train;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;

/** What training lowers. It looks at no values, so that a step can be recorded. */
@FunctionalInterface
interface Objective {
    /** The labels alone: their mean cross-entropy. */
    Objective LABELS = (_, logits, labels) -> Layers.crossEntropy(logits, labels);

    /**
     * A scalar, the mean over a batch.
     *
     * @param images {@code [N,H,W,C]}
     * @param logits of the trained network, {@code [N,classes]}
     * @param labels {@code [N,classes]}, see {@link Batches#oneHot}
     */
    Tensor loss(Tensor images, Tensor logits, Tensor labels);
}
