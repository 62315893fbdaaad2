package io.stamp.meta;

import io.stamp.engine.StampException;

/**
 * Everything that decides a meta-training and the adaptation that follows it.
 *
 * @param order how the outer gradient is taken
 * @param episodes tasks of meta-training
 * @param innerSteps gradient steps in a task
 * @param batch images of one inner step
 * @param setSize images that the mask generator looks at
 * @param taskClasses classes of a task
 * @param poolPerClass reference images a class that tasks draw from; half of a task's are support, half query
 * @param headSteps steps that fit a new head on the ungated features before the inner loop
 * @param headRate inner learning rate of the head (SGD)
 * @param generatorRate inner learning rate of the generator (Adam)
 * @param outerRate learning rate of the outer loop (Adam)
 * @param klWeight weight of the divergence relative to 1/N, N being the images of a task's support half
 * @param costWeight lambda, weight of the share of the cost above the budget
 * @param lowestBudget budgets of the tasks are log-uniform from here
 * @param highestBudget to here
 * @param seed of tasks, sets and gates
 */
public record MetaConfig(
        Order order,
        int episodes,
        int innerSteps,
        int batch,
        int setSize,
        int taskClasses,
        int poolPerClass,
        int headSteps,
        double headRate,
        double generatorRate,
        double outerRate,
        double klWeight,
        double costWeight,
        double lowestBudget,
        double highestBudget,
        long seed) {
    /** How the outer gradient is taken. */
    public enum Order {
        /** The gradient of the query loss at the adapted parameters (first-order MAML, arXiv 1703.03400). */
        FOMAML,
        /** Towards the adapted parameters (Reptile, arXiv 1803.02999). */
        REPTILE,
        /** Exactly, through the unrolled inner loop (MAML, arXiv 1703.03400). */
        MAML
    }

    public static final MetaConfig DEFAULT =
            new MetaConfig(Order.FOMAML, 200, 10, 64, 128, 10, 100, 100, 1e-2, 1e-3, 1e-3, 1, 10, 0.05, 0.6, 0);

    public MetaConfig {
        if (taskClasses < 2 || innerSteps < 0 || batch < 2 || setSize < 1 || poolPerClass < 2) {
            throw new StampException(
                    "A meta-training needs at least 2 classes a task, 2 images a batch, 1 image a set and 2 images a class.");
        }
        if (!(0 < lowestBudget && lowestBudget <= highestBudget && highestBudget <= 1)) {
            throw new StampException("Budgets must satisfy 0 < lowest <= highest <= 1, not " + lowestBudget + " and "
                    + highestBudget + ".");
        }
    }

    public MetaConfig withEpisodes(int changed) {
        return new MetaConfig(
                order,
                changed,
                innerSteps,
                batch,
                setSize,
                taskClasses,
                poolPerClass,
                headSteps,
                headRate,
                generatorRate,
                outerRate,
                klWeight,
                costWeight,
                lowestBudget,
                highestBudget,
                seed);
    }

    public MetaConfig withOrder(Order changed) {
        return new MetaConfig(
                changed,
                episodes,
                innerSteps,
                batch,
                setSize,
                taskClasses,
                poolPerClass,
                headSteps,
                headRate,
                generatorRate,
                outerRate,
                klWeight,
                costWeight,
                lowestBudget,
                highestBudget,
                seed);
    }

    public MetaConfig withInnerSteps(int changed) {
        return new MetaConfig(
                order,
                episodes,
                changed,
                batch,
                setSize,
                taskClasses,
                poolPerClass,
                headSteps,
                headRate,
                generatorRate,
                outerRate,
                klWeight,
                costWeight,
                lowestBudget,
                highestBudget,
                seed);
    }

    public MetaConfig withTaskClasses(int changed) {
        return new MetaConfig(
                order,
                episodes,
                innerSteps,
                batch,
                setSize,
                changed,
                poolPerClass,
                headSteps,
                headRate,
                generatorRate,
                outerRate,
                klWeight,
                costWeight,
                lowestBudget,
                highestBudget,
                seed);
    }

    public MetaConfig withSeed(long changed) {
        return new MetaConfig(
                order,
                episodes,
                innerSteps,
                batch,
                setSize,
                taskClasses,
                poolPerClass,
                headSteps,
                headRate,
                generatorRate,
                outerRate,
                klWeight,
                costWeight,
                lowestBudget,
                highestBudget,
                changed);
    }
}
