package io.stamp.train;

import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;

/**
 * How much a network learns from a {@link Teacher} (Hinton et al., arXiv 1503.02531).
 *
 * @param weight of the teacher in the loss; the labels have the rest
 * @param temperature that softens what both networks say, 1 for as it is
 */
public record Distillation(double weight, double temperature) {
    /** Where nothing else is said; ours. */
    public static final Distillation USUAL = new Distillation(0.5, 4);

    public Distillation {
        if (!(weight >= 0 && weight <= 1)) {
            throw new StampException(
                    "A teacher's weight in the loss is " + weight + "; it has to be from 0 (labels alone) to 1.");
        }
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new StampException(
                    "The temperature of distillation is " + temperature + "; it has to be a positive number.");
        }
    }

    /**
     * {@code (1 - weight) CE(labels, student) + weight T^2 KL(teacher_T || student_T)}, a scalar.
     *
     * @param logits of the student, {@code [N,classes]}
     * @param labels {@code [N,classes]}, see {@link Batches#oneHot}
     * @param taught the teacher's logits, {@code [N,classes]}
     */
    public Tensor loss(Tensor logits, Tensor labels, Tensor taught) {
        return Layers.crossEntropy(logits, labels)
                .times(1 - weight)
                .plus(Layers.distillation(logits, taught, temperature).times(weight));
    }

    /** For people, and to tell trainings apart. */
    @Override
    public String toString() {
        return "weight " + weight + ", temperature " + temperature;
    }
}
