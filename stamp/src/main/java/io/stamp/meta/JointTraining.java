package io.stamp.meta;

import io.stamp.data.Batch;
import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Optimiser;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Compaction;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Batches;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import io.stamp.train.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of STAMP-Joint: a pretrained backbone goes on learning the reference data so that it stays good when channels go. In every
 * step the whole network learns the labels of a batch, and two small networks that are cut out of it learn what the whole one says about
 * the same images: one of the lowest budget, and one of a random budget; the widths of both are random (after the sandwich rule and the
 * in-place distillation of Yu and Huang, arXiv 1903.05134). What they keep of a group are its best channels in an order that stays the
 * same, so that channels come to be ordered by use.
 *
 * @param groups of the network
 * @param order a score for each channel of every prunable group, the highest kept first
 * @param plan of the training
 * @param lowest budget of small networks
 * @param highest share that one of them may have, of the same kind
 */
public record JointTraining(
        ChannelGroups groups, Map<String, double[]> order, TrainingPlan plan, Budget lowest, double highest) {
    private static final int STREAM = 110;

    /** A group's share of the channels is drawn from here to 1, before all shares are scaled to the budget. */
    private static final double LEAST_WEIGHT = 0.3;

    /** Trains a copy of the model, which the innermost scope owns; see {@link Trainer#train}. */
    public Trainer.Trained train(Model start, Trainer.Data data, ProgressListener progress, ResumeFile file) {
        Backend backend = start.backend();
        return new Trainer(backend, plan, data, progress).train("joint training", start, Run::new, file);
    }

    private final class Run implements Trainer.Steps {
        private final Model model;
        private final Optimiser optimiser;
        private final PlanSearch search = new PlanSearch(groups);

        Run(Model model, Optimiser optimiser) {
            this.model = model;
            this.optimiser = optimiser;
        }

        @Override
        public Tensor run(Batch batch, long number, double rate) {
            RandomStream random = new RandomStream(plan.seed(), STREAM, number << 32);
            try (Scope scope = Scope.open()) {
                Tensor images = Batches.images(model.backend(), batch);
                Tensor labels = Batches.oneHot(
                        model.backend(), batch.labels(), model.network().classes(), plan.smoothing());
                Parameters leaves = model.parameters().leaves();
                Forward forward = Forward.of(model.network(), leaves, model.state(), BatchNormMode.BATCH);
                Tensor logits = forward.logits(images);
                Tensor taught = logits.detach();
                Tensor loss = Layers.crossEntropy(logits, labels);
                List<Tensor> sum = new ArrayList<>(Autograd.gradients(loss, leaves.tensors()));
                add(sum, gradients(draw(random, 0), images, taught));
                add(sum, gradients(draw(random, random.nextUniform()), images, taught));
                optimiser.step(model.parameters(), leaves.withTensors(sum), rate);
                forward.updateState(TrainingStep.STATISTICS_RATE);
                return scope.keep(loss.detach());
            }
        }

        /** A network of random widths, its budget between the lowest and the highest on a logarithmic scale. */
        private PruningPlan draw(RandomStream random, double position) {
            double share = lowest.fraction() * Math.pow(highest / lowest.fraction(), position);
            Map<String, Double> weights = new TreeMap<>();
            groups.sizes()
                    .keySet()
                    .forEach(group -> weights.put(group, LEAST_WEIGHT + (1 - LEAST_WEIGHT) * random.nextUniform()));
            return search.byRatios(order, weights, new Budget(lowest.kind(), share), random.nextBits());
        }

        /** Of what a small network gets wrong, with respect to all weights; zero for those that it does without. */
        private List<Tensor> gradients(PruningPlan small, Tensor images, Tensor taught) {
            Parameters leaves = model.parameters().leaves();
            Model cut = Compaction.transform(model.withParameters(leaves), small, Map.of());
            Tensor logits = cut.forward(BatchNormMode.BATCH).logits(images);
            return Autograd.gradients(Layers.distillation(logits, taught, 1), leaves.tensors());
        }

        private static void add(List<Tensor> sum, List<Tensor> more) {
            for (int i = 0; i < sum.size(); i++) {
                sum.set(i, sum.get(i).plus(more.get(i)));
            }
        }

        @Override
        public void close() {}
    }
}
