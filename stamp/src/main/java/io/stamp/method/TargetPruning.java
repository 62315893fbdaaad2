package io.stamp.method;

import io.stamp.data.DataSets;
import io.stamp.engine.nn.Network;
import io.stamp.meta.Generator;
import io.stamp.meta.Stamp;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.GroupPolicy;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Makes a pretrained network small for a target.
 *
 * @param policy which channel groups may be pruned
 * @param budget what is left at the most; where a threshold decides that, what the generator is told
 */
public record TargetPruning(Model backbone, GroupPolicy policy, DataSets target, Budget budget) {
    private static final int RECALIBRATION_BATCHES = 10;

    /**
     * What is to be removed.
     *
     * @param model the backbone with a head for the target
     * @param searchLoss of the last adaptation step; NaN where nothing was adapted
     * @param seconds until this was known
     */
    public record Choice(Model model, PruningPlan plan, double searchLoss, double seconds) {}

    /**
     * The small network.
     *
     * @param compactionSeconds to build it and to check it against the masked one
     * @param recalibrationSeconds for fresh batch-norm statistics
     */
    public record Pruned(CompactModel compact, double compactionSeconds, double recalibrationSeconds) {}

    /** The channels that a generator picks after looking at the target: the best that fit the budget. */
    public Choice search(Stamp stamp, Generator generator, Stamp.Search search) {
        requireReachable();
        return search(
                stamp,
                generator,
                search,
                (groups, scores) -> PruningPlan.byScores(groups, scores, budget, PruningPlan.MINIMUM_CHANNELS));
    }

    /** The channels whose expected gate is not below a threshold after the generator has looked at the target; no budget binds. */
    public Choice search(Stamp stamp, Generator generator, Stamp.Search search, double threshold) {
        return search(
                stamp,
                generator,
                search,
                (groups, scores) -> PruningPlan.byThreshold(groups, scores, threshold, PruningPlan.MINIMUM_CHANNELS));
    }

    private Choice search(
            Stamp stamp,
            Generator generator,
            Stamp.Search search,
            BiFunction<ChannelGroups, Map<String, double[]>, PruningPlan> planning) {
        long started = System.nanoTime();
        Stamp.Found found = stamp.search(generator, target.train(), target.normalisation(), budget, search);
        Model model = backbone.withHead(found.head());
        PruningPlan plan = planning.apply(groups(model), found.scores());
        return new Choice(model, plan, found.loss(), seconds(started));
    }

    /** The same share of every group, channels at random. */
    public Choice random(Model withHead, long seed) {
        long started = System.nanoTime();
        PruningPlan plan = PruningPlan.uniformRandom(groups(withHead), budget, seed);
        return new Choice(withHead, plan, Double.NaN, seconds(started));
    }

    /** An impossible budget is told before the search, not after it: any plan for it fails in the same way. */
    private void requireReachable() {
        Network network = backbone.network().withClasses(target.classes());
        PruningPlan.uniformWidth(ChannelGroups.of(network, policy, Set.of()), budget);
    }

    /** Groups of the network with the target's head: its cost counts. */
    private ChannelGroups groups(Model model) {
        return ChannelGroups.of(model.network(), policy, Set.of());
    }

    /** Removes the channels, checks the result, and gives it the batch-norm statistics of the target. */
    public Pruned compact(Choice choice, int batch, long seed) {
        long started = System.nanoTime();
        CompactModel compact = Compaction.of(choice.model, choice.plan);
        double compactionSeconds = seconds(started);
        double recalibrationSeconds = recalibrate(compact.model(), target, batch, seed);
        return new Pruned(compact, compactionSeconds, recalibrationSeconds);
    }

    /** Replaces a model's batch-norm statistics, in place, by those of the target; returns the seconds it took. */
    public static double recalibrate(Model model, DataSets target, int batch, long seed) {
        long started = System.nanoTime();
        Evaluator.recalibrate(
                model.backend(), model, target.train(), target.normalisation(), batch, RECALIBRATION_BATCHES, seed);
        return seconds(started);
    }

    private static double seconds(long startedNanos) {
        return (System.nanoTime() - startedNanos) * 1e-9;
    }
}
