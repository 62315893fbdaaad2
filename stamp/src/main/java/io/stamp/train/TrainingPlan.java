package io.stamp.train;

import io.stamp.engine.StampException;
import io.stamp.engine.optim.Schedule;
import io.stamp.engine.optim.Sgd;

/**
 * How a network is trained: stochastic gradient descent with Nesterov momentum, the rate rising over the first {@code warmup} share of
 * the steps and falling along half a cosine.
 *
 * @param rate peak learning rate
 * @param decay L2 penalty on weights
 * @param smoothing share of the label that is spread over all classes (Szegedy et al., arXiv 1512.00567)
 * @param seed of the order of images, their augmentation, and new weights
 */
public record TrainingPlan(
        int epochs, int batch, double rate, double warmup, double momentum, double decay, double smoothing, long seed) {
    public TrainingPlan {
        if (epochs < 1 || batch < 2 || !(rate > 0)) {
            throw new StampException(
                    "Training needs at least 1 epoch, batches of 2 images and a positive rate, not epochs=" + epochs
                            + ", batch=" + batch + ", rate=" + rate + ".");
        }
    }

    public static TrainingPlan of(int epochs, int batch, double rate, long seed) {
        return new TrainingPlan(epochs, batch, rate, 0.1, 0.9, 5e-4, 0, seed);
    }

    public TrainingPlan withEpochs(int changed) {
        return new TrainingPlan(changed, batch, rate, warmup, momentum, decay, smoothing, seed);
    }

    /** The learning rate over the steps. */
    public Schedule schedule() {
        return new Schedule.Cosine(rate, warmup);
    }

    /** How weights move. */
    public Sgd.Options optimiser() {
        return new Sgd.Options(momentum, decay, true);
    }
}
