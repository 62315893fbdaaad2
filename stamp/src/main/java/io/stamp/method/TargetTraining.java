package io.stamp.method;

import io.stamp.data.Batch;
import io.stamp.data.BatchLoader;
import io.stamp.data.BatchPlan;
import io.stamp.data.DataSets;
import io.stamp.engine.Autograd;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.prune.MaskedModel;
import io.stamp.train.Batches;
import io.stamp.train.DivergedException;
import io.stamp.train.TrainingPlan;
import io.stamp.train.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains the full-size network on the target for methods that learn what to keep while they train it: the usual augmented batches, the
 * weights by the plan's optimiser and schedule, and beside them whatever an {@link Extension} adds.
 *
 * @param task whose target is learnt; its models are left as they are
 * @param plan of the training
 * @param ownRate learning rate of the extension's own parameters, which Adam trains
 */
public record TargetTraining(PruningTask task, TrainingPlan plan, double ownRate) {
    /** What a method adds to the training; by default nothing. */
    public interface Extension {
        /** Plain training. */
        Extension NONE = new Extension() {};

        /** Parameters beside the weights at the start; owned by the innermost scope. */
        default Parameters parameters() {
            return Parameters.empty();
        }

        /** The weights that a step computes with, a differentiable function of the trained ones. */
        default Parameters weights(Parameters weights, Parameters own) {
            return weights;
        }

        /** As above, where they differ from step to step; a step takes its weights from here. */
        default Parameters weights(Parameters weights, Parameters own, long step) {
            return weights(weights, own);
        }

        /**
         * Gates {@code [size]} of every prunable group in a step, or none at all.
         *
         * @param step counts from 0; the seed of what is drawn
         */
        default Map<String, Tensor> gates(Parameters own, long step) {
            return Map.of();
        }

        /** Terms that are added to the cross-entropy, scalars. */
        default List<Tensor> penalties(Parameters weights, Parameters own) {
            return List.of();
        }

        /** Whether the weights are trained, or stay as they are. */
        default boolean trainsWeights() {
            return true;
        }
    }

    /**
     * What came out; owned by the scope that was innermost at the start.
     *
     * @param own the extension's parameters
     * @param loss mean of the last epoch, as far as it came, penalties included
     */
    public record Trained(Model model, Parameters own, double loss) {}

    /**
     * Trains copies.
     *
     * @param phase what progress is shown as
     * @throws DivergedException where the loss is no finite number any more
     */
    public Trained run(String phase, Model start, Extension extension) {
        return run(phase, start, extension, Long.MAX_VALUE);
    }

    /**
     * As above, at most so many steps; the learning rate's schedule spans them.
     *
     * @throws DivergedException where the loss is no finite number any more
     */
    public Trained run(String phase, Model start, Extension extension, long steps) {
        try (Scope scope = Scope.open()) {
            Model model = start.on(start.backend());
            Parameters own = extension.parameters().copies();
            Run run = new Run(model, own, extension);
            double loss = run.all(phase, steps);
            model.parameters().keptBy(scope);
            model.state().keptBy(scope);
            own.keptBy(scope);
            return new Trained(model, own, loss);
        }
    }

    private final class Run {
        private final Model model;
        private final Parameters own;
        private final Extension extension;
        private final Sgd sgd;
        private final Adam adam;

        Run(Model model, Parameters own, Extension extension) {
            this.model = model;
            this.own = own;
            this.extension = extension;
            this.sgd = new Sgd(plan.optimiser(), model.parameters());
            this.adam = own.names().isEmpty() ? null : new Adam(Adam.Options.DEFAULT, own);
        }

        double all(String phase, long steps) {
            DataSets target = task.target();
            BatchPlan batches = new BatchPlan(
                    target.train(), target.normalisation(), target.augmentation(), plan.batch(), plan.seed(), true);
            long total = Math.min(steps, (long) batches.batchesPerEpoch() * plan.epochs());
            double sum = 0;
            task.progress().start(phase, 0, total * plan.batch(), "images");
            try (BatchLoader loader = new BatchLoader(batches)) {
                for (long step = 0; step < total; step++) {
                    double loss = step(loader.next(), step, plan.schedule().rate(step, total));
                    if (!Double.isFinite(loss)) {
                        throw new DivergedException("The loss became " + loss + " in step " + step + " of " + phase
                                + "; use a lower learning rate.");
                    }
                    sum = step % batches.batchesPerEpoch() == 0 ? loss : sum + loss;
                    task.progress().advance((step + 1) * plan.batch(), String.format(Locale.ROOT, "loss %.3f", loss));
                }
            } finally {
                task.progress().finish();
            }
            return sum / ((total - 1) % batches.batchesPerEpoch() + 1);
        }

        private double step(Batch batch, long step, double rate) {
            try (Scope _ = Scope.open()) {
                Parameters weights =
                        extension.trainsWeights() ? model.parameters().leaves() : model.parameters();
                Parameters ownLeaves = own.leaves();
                Forward forward =
                        forward(extension.weights(weights, ownLeaves, step), extension.gates(ownLeaves, step));
                Tensor labels = Batches.oneHot(
                        model.backend(), batch.labels(), task.target().classes(), plan.smoothing());
                Tensor loss = Layers.crossEntropy(forward.logits(Batches.images(model.backend(), batch)), labels);
                for (Tensor penalty : extension.penalties(weights, ownLeaves)) {
                    loss = loss.plus(penalty);
                }
                update(loss, weights, ownLeaves, rate);
                forward.updateState(TrainingStep.STATISTICS_RATE);
                return loss.scalar();
            }
        }

        private Forward forward(Parameters weights, Map<String, Tensor> gates) {
            if (gates.isEmpty()) {
                return Forward.of(model.network(), weights, model.state(), BatchNormMode.BATCH);
            }
            MaskedModel masked = new MaskedModel(task.groups(), model, gates);
            return Forward.of(model.network(), weights, model.state(), BatchNormMode.BATCH, masked.hook());
        }

        private void update(Tensor loss, Parameters weights, Parameters ownLeaves, double rate) {
            List<Tensor> leaves = new ArrayList<>(extension.trainsWeights() ? weights.tensors() : List.of());
            int split = leaves.size();
            leaves.addAll(ownLeaves.tensors());
            List<Tensor> gradients = Autograd.gradients(loss, leaves);
            if (extension.trainsWeights()) {
                sgd.step(model.parameters(), weights.withTensors(gradients.subList(0, split)), rate);
            }
            if (adam != null) {
                adam.step(own, own.withTensors(gradients.subList(split, gradients.size())), ownRate);
            }
        }
    }
}
