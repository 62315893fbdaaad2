package io.stamp.method;

import io.stamp.data.DataSets;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.TaskHead;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.GroupPolicy;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The way from a pretrained network to the one that the training on a target begins with, the same for every pruner: a head, a choice of
 * channels, compaction with its check, batch-norm statistics of the target.
 *
 * @param task what pruners get
 * @param headSteps that fit a head
 * @param headSeconds to fit the task's head
 */
public record TargetPruning(PruningTask task, int headSteps, double headSeconds) {
    private static final int RECALIBRATION_BATCHES = 10;

    /**
     * What was decided.
     *
     * @param seconds until this was known, from a fitted head on
     */
    public record Choice(Pruned pruned, double seconds) {
        /**
         * The channels that stay.
         *
         * @throws StampException where the method removes none
         */
        public PruningPlan plan() {
            return pruned.plan().orElseThrow(() -> new StampException("The method removes nothing."));
        }
    }

    /**
     * What the training begins with.
     *
     * @param model the small network, or the full one where nothing was removed; it shares no memory with the task's
     * @param compact how it was made small; empty where nothing was removed
     * @param weightMask 0 for single weights that are zero and have to stay it; empty where whole channels go
     * @param compactionSeconds to build it and to check it against the masked one
     * @param recalibrationSeconds for fresh batch-norm statistics, and a head that fits them
     */
    public record Start(
            Model model,
            Optional<CompactModel> compact,
            Parameters weightMask,
            double compactionSeconds,
            double recalibrationSeconds) {}

    /**
     * Fits the head; tensors belong to the innermost scope.
     *
     * @param policy which channel groups may be pruned
     * @param budget what is left at most; where a threshold decides that, what a generator is told
     * @param headSteps that fit the head; {@link io.stamp.meta.MetaConfig.Inner#headSteps()}
     * @param seed of every random number on the way
     */
    public static TargetPruning of(
            Model backbone, GroupPolicy policy, DataSets target, Budget budget, int headSteps, long seed) {
        long started = System.nanoTime();
        Model model = backbone.withHead(TaskHead.fit(backbone, target, headSteps, seed));
        double headSeconds = seconds(started);
        PruningTask task = new PruningTask(
                model,
                ChannelGroups.of(model.network(), policy, Set.of()),
                target,
                budget,
                seed,
                Settings.USUAL,
                List.of(),
                Optional.empty(),
                ProgressListener.NONE);
        return new TargetPruning(task, headSteps, headSeconds);
    }

    /** An error where no plan can meet the budget, so that it is told before the search, not after it. */
    public static void requireReachable(Network backbone, int classes, GroupPolicy policy, Budget budget) {
        requireReachable(ChannelGroups.of(backbone.withClasses(classes), policy, Set.of()), budget);
    }

    /** The same for groups with latencies or rounded widths. */
    public static void requireReachable(ChannelGroups groups, Budget budget) {
        PruningPlan.uniformWidth(groups, budget);
    }

    /** Another task with the same head. */
    public TargetPruning with(PruningTask changed) {
        return new TargetPruning(changed, headSteps, headSeconds);
    }

    /** What a pruner decides; its tensors belong to the innermost scope. */
    public Choice choose(Pruner pruner) {
        task.require(pruner);
        long started = System.nanoTime();
        Pruned pruned = pruner.prune(task);
        return new Choice(pruned, seconds(started));
    }

    /**
     * Removes the channels, checks the result, gives it the batch-norm statistics of the target, from batches of so many images, and a head
     * that is fitted to the features that are left, where the method did not make one together with
     * other weights.
     */
    public Start start(Choice choice, int batch) {
        Pruned pruned = choice.pruned;
        long started = System.nanoTime();
        Optional<CompactModel> compact = pruned.plan()
                .map(plan -> Compaction.of(
                        pruned.start(), plan, Compaction.Companions.none().withGates(pruned.gates())));
        Model model = compact.map(CompactModel::model).orElseGet(() -> withoutWeights(pruned));
        double compactionSeconds = compact.isPresent() ? seconds(started) : 0;
        long built = System.nanoTime();
        DataSets target = task.target();
        Evaluator.recalibrate(
                model.backend(),
                model,
                target.train(),
                target.normalisation(),
                batch,
                RECALIBRATION_BATCHES,
                task.seed());
        return new Start(withOwnHead(model, pruned), compact, pruned.weightMask(), compactionSeconds, seconds(built));
    }

    /** A head that a method made together with other weights stays as it is, and that of a network that keeps all channels. */
    private Model withOwnHead(Model model, Pruned pruned) {
        boolean hasFittingHead = pruned.plan().isEmpty()
                || changes(pruned, task.head()::contains)
                        && changes(pruned, name -> !task.head().contains(name));
        return hasFittingHead ? model : model.withHead(TaskHead.fit(model, task.target(), headSteps, task.seed()));
    }

    /** Whether a method gave other values to one of these parameters; what it did not touch is the task's own tensor. */
    private boolean changes(Pruned pruned, Predicate<String> parameters) {
        Parameters before = task.model().parameters();
        Parameters after = pruned.start().parameters();
        return before.names().stream().filter(parameters).anyMatch(name -> after.get(name) != before.get(name));
    }

    /** A copy of the model at full size with zeros where the mask has them. */
    private static Model withoutWeights(Pruned pruned) {
        Model start = pruned.start().on(pruned.start().backend());
        Parameters mask = pruned.weightMask();
        return start.withParameters(start.parameters()
                .mapNamed((name, weight) -> mask.contains(name) ? weight.times(mask.get(name)) : weight));
    }

    private static double seconds(long startedNanos) {
        return (System.nanoTime() - startedNanos) * 1e-9;
    }
}
