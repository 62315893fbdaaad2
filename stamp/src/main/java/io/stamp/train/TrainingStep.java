package io.stamp.train;

import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Optimiser;
import io.stamp.model.Model;
import java.util.List;

/** One step of supervised training: what {@link Trainer} repeats, and what a measurement of training times. */
public final class TrainingStep {
    /** How fast running batch-norm statistics follow those of the batches. */
    public static final double STATISTICS_RATE = 0.1;

    private TrainingStep() {}

    /**
     * Forward with batch statistics, backward, and the optimiser's step; changes parameters and running statistics in place.
     *
     * @param images {@code [N,H,W,C]}
     * @param labels one row per image, {@code [N,classes]}, see {@link Batches#oneHot}
     * @return the loss before the step
     */
    public static double run(Model model, Optimiser optimiser, Tensor images, Tensor labels, double rate) {
        optimiser.begin(rate);
        try (Scope _ = Scope.open()) {
            return apply(model, optimiser, Parameters.empty(), Objective.LABELS, images, labels)
                    .scalar();
        }
    }

    /**
     * The step that the optimiser has begun, without reading anything, so that it can be recorded; the loss, a scalar.
     *
     * @param mask 0 for weights that are zero and stay it, 1 for the others, by parameter; parameters without one are free
     */
    static Tensor apply(
            Model model, Optimiser optimiser, Parameters mask, Objective objective, Tensor images, Tensor labels) {
        try (Scope scope = Scope.open()) {
            Parameters leaves = model.parameters().leaves();
            Forward forward = Forward.of(model.network(), leaves, model.state(), BatchNormMode.BATCH);
            Tensor loss = loss(forward, objective, images, labels);
            List<Tensor> gradients = Autograd.gradients(loss, leaves.tensors());
            // Momentum and decay of a zero weight are zero where its gradient is.
            Parameters masked = leaves.withTensors(gradients)
                    .mapNamed((name, gradient) -> mask.contains(name) ? gradient.times(mask.get(name)) : gradient);
            optimiser.apply(model.parameters(), masked);
            forward.updateState(STATISTICS_RATE);
            return scope.keep(loss.detach());
        }
    }

    /** A scope of its own, so that backward can free each saved value as soon as it has used it. */
    private static Tensor loss(Forward forward, Objective objective, Tensor images, Tensor labels) {
        try (Scope scope = Scope.open()) {
            Tensor loss = objective.loss(images, forward.logits(images), labels);
            forward.observed().keptBy(scope);
            return scope.keep(loss);
        }
    }
}
