package io.stamp.meta;

import io.stamp.data.ImageSet;
import io.stamp.engine.StampException;
import io.stamp.prune.Cost;

/**
 * Everything that decides a meta-training and the adaptation that follows it.
 *
 * @param masks that a generator learns from
 * @param klWeight weight of the divergence from the prior relative to 1/N, N being the images of the data set that a task comes from
 * @param seed of tasks, sets and gates
 */
public record MetaConfig(Outer outer, Inner inner, Tasks tasks, Masks masks, double klWeight, long seed) {

    private static final double LARGEST_WEIGHT = 1e6;
    private static final int FEWEST_IMAGES = 2;

    public MetaConfig {
        if (!(klWeight >= 0 && klWeight <= LARGEST_WEIGHT)) {
            throw new StampException("The weight of the divergence from the prior lies between 0 and " + LARGEST_WEIGHT
                    + ", not at " + klWeight + ".");
        }
    }

    public static final MetaConfig DEFAULT = new MetaConfig(
            new Outer(Order.FOMAML, 400, 0.85, 5e-4, 1e-3),
            new Inner(10, 64, 128, 100, 1e-2, 1e-3),
            new Tasks(10, 100, Cost.Kind.MACS, 0.05, 0.6),
            Masks.BINARY,
            1,
            0);

    /** What stands for a mask while a generator learns. */
    public enum Masks {
        /** Gates 0 and 1 that fit the budget, as in the end; gradients as if each were its expectation (straight through). */
        BINARY,
        /** Samples of the gates' own relaxed distribution, which are expected to cost the budget. */
        RELAXED
    }

    /** How the outer gradient is taken. */
    public enum Order {
        /** The gradient of the query loss at the adapted parameters (first-order MAML, arXiv 1703.03400). */
        FOMAML,
        /** Towards the adapted parameters (Reptile, arXiv 1803.02999). */
        REPTILE,
        /** Exactly, through the unrolled inner loop (MAML, arXiv 1703.03400). */
        MAML
    }

    /**
     * The outer loop, in two phases; each has an Adam of its own, since the gradients of one say nothing about the size of the other's.
     *
     * @param episodes tasks of meta-training
     * @param warmupShare of the episodes that take no inner steps: a tenth of the work each, they bring the generator to the point from
     *     which adapting makes sense, and are the same for every order
     * @param warmupRate learning rate of the warm-up
     * @param rate learning rate of the episodes that adapt
     */
    public record Outer(Order order, int episodes, double warmupShare, double warmupRate, double rate) {
        public Outer {
            if (episodes < 0 || !(warmupShare >= 0 && warmupShare <= 1)) {
                throw new StampException(
                        "Meta-training takes 0 or more episodes, of which a share in [0, 1] is warm-up,"
                                + " not episodes=" + episodes + ", warm-up share=" + warmupShare + ".");
            }
            if (!isRate(warmupRate) || !isRate(rate)) {
                throw new StampException("The rates of meta-training are positive, not warm-up=" + warmupRate
                        + ", after it=" + rate + ".");
            }
        }

        /** The first so many episodes take no inner steps. */
        public int warmup() {
            return (int) Math.round(warmupShare * episodes);
        }
    }

    /**
     * The inner loop.
     *
     * @param steps gradient steps in a task
     * @param batch images of a step
     * @param setSize images that the mask generator looks at
     * @param headSteps steps that fit a new head on the ungated features before the inner loop
     * @param headRate learning rate of the head (SGD)
     * @param generatorRate learning rate of the generator (Adam)
     */
    public record Inner(int steps, int batch, int setSize, int headSteps, double headRate, double generatorRate) {
        public Inner {
            if (steps < 0 || headSteps < 0 || batch < 2 || setSize < 1) {
                throw new StampException(
                        "An inner loop takes 0 or more steps with batches of at least 2 images and sets of at least"
                                + " 1, not steps=" + steps + ", head steps=" + headSteps + ", batch=" + batch
                                + ", set=" + setSize + ".");
            }
            if (!isRate(headRate) || !isRate(generatorRate)) {
                throw new StampException("The rates of an inner loop are positive, not head=" + headRate
                        + ", generator=" + generatorRate + ".");
            }
        }
    }

    /**
     * The tasks of meta-training.
     *
     * @param classes classes of a task
     * @param poolPerClass reference images a class that tasks draw from; half of a task's are support, half query
     * @param budgetKind what budgets are about; a generator answers to budgets of this kind alone
     * @param lowestBudget budgets of the tasks are log-uniform from here
     * @param highestBudget to here
     */
    public record Tasks(
            int classes, int poolPerClass, Cost.Kind budgetKind, double lowestBudget, double highestBudget) {
        public Tasks {
            if (classes < 2 || poolPerClass < 2) {
                throw new StampException("A task needs at least 2 classes with 2 images each, not classes=" + classes
                        + ", images=" + poolPerClass + ".");
            }
            if (!(0 < lowestBudget && lowestBudget <= highestBudget && highestBudget <= 1)) {
                throw new StampException("Budgets must satisfy 0 < lowest <= highest <= 1, not " + lowestBudget
                        + " and " + highestBudget + ".");
            }
        }

        /**
         * Says before long work whether such tasks can be drawn from images.
         *
         * @throws StampException where there are fewer classes than a task has, or one of them has too few images
         */
        public void requireFits(ImageSet images) {
            if (images.classes() < classes) {
                throw new StampException("Tasks of " + classes + " classes cannot be drawn from the "
                        + images.classes() + " classes of " + images.name()
                        + "; use smaller tasks (--task-classes) or hold out fewer classes.");
            }
            requireImages(images);
        }

        /**
         * Says before long work whether a task can be drawn from all classes of some images.
         *
         * @throws StampException where a class has no image left to be judged by after one to adapt on
         */
        public static void requireImages(ImageSet images) {
            int[] counts = images.countPerClass();
            for (int label = 0; label < counts.length; label++) {
                if (counts[label] < FEWEST_IMAGES) {
                    throw new StampException("Class " + label + " of " + images.name() + " has " + counts[label]
                            + " images, but a task needs " + FEWEST_IMAGES
                            + " of each class, one to adapt on and one to be judged by; add images or take classes with"
                            + " more.");
                }
            }
        }
    }

    private static boolean isRate(double rate) {
        return rate > 0 && Double.isFinite(rate);
    }

    /** The same with other episodes; warm-up keeps its share. */
    public MetaConfig withEpisodes(int episodes) {
        return with(new Outer(outer.order, episodes, outer.warmupShare, outer.warmupRate, outer.rate));
    }

    public MetaConfig withOrder(Order order) {
        return with(new Outer(order, outer.episodes, outer.warmupShare, outer.warmupRate, outer.rate));
    }

    public MetaConfig withInnerSteps(int steps) {
        return with(new Inner(steps, inner.batch, inner.setSize, inner.headSteps, inner.headRate, inner.generatorRate));
    }

    public MetaConfig withTaskClasses(int classes) {
        return with(new Tasks(classes, tasks.poolPerClass, tasks.budgetKind, tasks.lowestBudget, tasks.highestBudget));
    }

    public MetaConfig withBudgetKind(Cost.Kind kind) {
        return with(new Tasks(tasks.classes, tasks.poolPerClass, kind, tasks.lowestBudget, tasks.highestBudget));
    }

    public MetaConfig with(Outer changed) {
        return new MetaConfig(changed, inner, tasks, masks, klWeight, seed);
    }

    public MetaConfig with(Inner changed) {
        return new MetaConfig(outer, changed, tasks, masks, klWeight, seed);
    }

    public MetaConfig with(Tasks changed) {
        return new MetaConfig(outer, inner, changed, masks, klWeight, seed);
    }

    public MetaConfig with(Masks changed) {
        return new MetaConfig(outer, inner, tasks, changed, klWeight, seed);
    }

    public MetaConfig withSeed(long changed) {
        return new MetaConfig(outer, inner, tasks, masks, klWeight, changed);
    }
}
