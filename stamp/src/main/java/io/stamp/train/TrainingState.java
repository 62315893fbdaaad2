package io.stamp.train;

import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;

/** How far a training has come: everything that a continued run needs to give the same bits. */
final class TrainingState {
    private static final double SMOOTHING = 0.02;

    /** Losses of classifiers begin near the logarithm of the number of classes; single batches may be tens of times worse for a while. */
    private static final double EXPLODED = 100;

    private final Model model;
    private final Sgd optimiser;
    private long step;
    private double seconds;
    private double epochLossSum;
    private double epochLoss;
    private double recentLoss;
    private double firstLoss;

    private TrainingState(Model model, Sgd optimiser) {
        this.model = model;
        this.optimiser = optimiser;
    }

    static TrainingState start(Model model, Sgd.Options options) {
        return new TrainingState(model, new Sgd(options, model.parameters()));
    }

    static TrainingState restored(
            Model model,
            Sgd optimiser,
            double seconds,
            double epochLossSum,
            double epochLoss,
            double recentLoss,
            double firstLoss) {
        TrainingState state = new TrainingState(model, optimiser);
        state.step = optimiser.steps();
        state.seconds = seconds;
        state.epochLossSum = epochLossSum;
        state.epochLoss = epochLoss;
        state.recentLoss = recentLoss;
        state.firstLoss = firstLoss;
        return state;
    }

    void advance(double loss, long stepsPerEpoch) {
        firstLoss = step == 0 ? loss : firstLoss;
        recentLoss = step == 0 ? loss : recentLoss + SMOOTHING * (loss - recentLoss);
        step++;
        epochLossSum += loss;
        if (step % stepsPerEpoch == 0) {
            epochLoss = epochLossSum / stepsPerEpoch;
            epochLossSum = 0;
        }
    }

    void took(long nanos) {
        seconds += nanos * 1e-9;
    }

    Model model() {
        return model;
    }

    Sgd optimiser() {
        return optimiser;
    }

    /** Batches trained on. */
    long step() {
        return step;
    }

    double seconds() {
        return seconds;
    }

    /** Sum over the batches of the epoch that has begun. */
    double epochLossSum() {
        return epochLossSum;
    }

    /** Mean loss of the last complete epoch. */
    double epochLoss() {
        return epochLoss;
    }

    /** Running mean. */
    double recentLoss() {
        return recentLoss;
    }

    /** Of the first batch. */
    double firstLoss() {
        return firstLoss;
    }

    /** Whether the running mean is far above the first loss, from where no training has come back. */
    boolean hasExploded() {
        return recentLoss > EXPLODED * Math.max(firstLoss, 1);
    }
}
