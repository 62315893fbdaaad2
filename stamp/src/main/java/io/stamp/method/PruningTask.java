package io.stamp.method;

import io.stamp.data.DataSets;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.meta.BoundGenerator;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.train.Batches;
import io.stamp.train.ProgressListener;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a pruner gets.
 *
 * @param model the pretrained network at full size, with a head for the target's classes that was fitted to its features
 * @param groups the channel groups of that network
 * @param target the data that the small network is for; channels are chosen by its training images
 * @param budget what may be left
 * @param seed of every random number
 * @param settings what is not as usual
 * @param generators at most one that sees sets and one that does not
 * @param reference data that the backbone learnt from, without held-out classes
 * @param progress is told how far long work has come
 */
public record PruningTask(
        Model model,
        ChannelGroups groups,
        DataSets target,
        Budget budget,
        long seed,
        Settings settings,
        List<BoundGenerator> generators,
        Optional<DataSets> reference,
        ProgressListener progress) {

    public PruningTask withGroups(ChannelGroups changed) {
        return new PruningTask(model, changed, target, budget, seed, settings, generators, reference, progress);
    }

    public PruningTask withTarget(DataSets changed) {
        return new PruningTask(model, groups, changed, budget, seed, settings, generators, reference, progress);
    }

    public PruningTask withSettings(Settings changed) {
        return new PruningTask(model, groups, target, budget, seed, changed, generators, reference, progress);
    }

    public PruningTask withGenerators(List<BoundGenerator> changed) {
        return new PruningTask(model, groups, target, budget, seed, settings, changed, reference, progress);
    }

    public PruningTask withReference(DataSets changed) {
        return new PruningTask(
                model, groups, target, budget, seed, settings, generators, Optional.of(changed), progress);
    }

    public PruningTask withProgress(ProgressListener changed) {
        return new PruningTask(model, groups, target, budget, seed, settings, generators, reference, changed);
    }

    /** The head for the target's classes alone: {@code weight [classes, features]} and {@code bias [classes]}. */
    public Parameters head() {
        return model.head();
    }

    /** The generator that answers a need, if there is one. */
    public Optional<BoundGenerator> generator(Need need) {
        return generators.stream()
                .filter(bound -> bound.seesSets() == (need == Need.GENERATOR))
                .findFirst();
    }

    /** An error naming the first thing that a method needs and this task lacks. */
    public void require(MethodPart method) {
        for (Need need : method.needs()) {
            boolean there =
                    switch (need) {
                        case LABELS, TRAINING -> true;
                        case GENERATOR, GENERATOR_WITHOUT_SET -> generator(need).isPresent();
                        case REFERENCE -> reference.isPresent();
                    };
            if (!there) {
                throw new StampException("The method '" + method.name() + "' needs " + need + ".");
            }
        }
    }

    /**
     * Different training images of the target at random, or all of them, in random order, where there are fewer.
     *
     * @param stream of the random numbers, another one for each use
     */
    public int[] sample(int stream, int count) {
        int[] order = IntStream.range(0, target.train().size()).toArray();
        new RandomStream(seed, stream).shuffle(order);
        return Arrays.copyOf(order, Math.min(count, order.length));
    }

    /** Training images of the target, normalised, {@code [n, height, width, channels]}. */
    public Tensor images(int[] indices) {
        float[] values = target.normalisation().apply(target.train(), indices);
        return Tensor.of(model.backend(), target.train().shape().batch(indices.length), values);
    }

    /** Their labels as rows of one 1, {@code [n, classes]}. */
    public Tensor labels(int[] indices) {
        int[] labels = Arrays.stream(indices).map(target.train()::label).toArray();
        return Batches.oneHot(model.backend(), labels, target.classes(), 0);
    }
}
