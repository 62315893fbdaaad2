package io.stamp.bench.demo;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.method.Settings;
import io.stamp.model.Models;
import io.stamp.train.Distillation;
import io.stamp.train.TrainingPlan;
import java.util.List;

/**
 * Everything that decides what a demo computes, for one seed; the number of threads does not.
 *
 * @param reference data that the network and the generator learn from, as {@link io.stamp.data.DataSource} reads it
 * @param data the target
 * @param holdoutClasses reference classes that nothing learns from, as {@link io.stamp.data.HoldOut} reads them; empty for none
 * @param model name of the network
 * @param width factor on its channels
 * @param input images that it takes, as {@link InputShape} reads them
 * @param budget what is left of the network, as {@link io.stamp.prune.Budget} reads it
 * @param groups which channel groups are pruned, as {@link io.stamp.prune.GroupPolicy} reads it
 * @param variants to compare
 * @param pretraining of the network on the reference data
 * @param joint training of the joint backbone, where a variant begins with that
 * @param generator sizes of the mask generator
 * @param metaTraining of the generator
 * @param methods settings of the methods that choose channels
 * @param training of every variant on the target
 * @param distillation how much the other variants learn from the full network that has been trained; null for labels alone
 * @param measureBatch images a step when throughput is measured
 * @param measureSeconds to measure each network in each mode
 * @param backend name of the backend that computes
 * @param seed of every random number
 */
public record DemoSettings(
        String reference,
        String data,
        String holdoutClasses,
        String model,
        double width,
        String input,
        String budget,
        String groups,
        List<Variant> variants,
        TrainingPlan pretraining,
        TrainingPlan joint,
        GeneratorConfig generator,
        MetaConfig metaTraining,
        Settings methods,
        TrainingPlan training,
        Distillation distillation,
        int measureBatch,
        double measureSeconds,
        String backend,
        long seed) {
    public DemoSettings {
        if (!(measureSeconds > 0 && Double.isFinite(measureSeconds))) {
            throw new StampException("--measure-seconds is " + measureSeconds + "; give a positive number of seconds.");
        }
    }

    /** The images that the network takes. */
    InputShape inputShape() {
        return InputShape.parse(input);
    }

    /** Whether a variant begins with the joint backbone. */
    boolean isJoint() {
        return variants.stream().anyMatch(Variant::joint);
    }

    /** The network before any training. */
    Network network(int classes) {
        return Models.create(model, classes, width).withInput(inputShape());
    }

    /** The same with another seed, everywhere. */
    public DemoSettings withSeed(long changed) {
        return with(distillation, changed);
    }

    /** The same with a teacher. */
    DemoSettings with(Distillation teaching) {
        return with(teaching, seed);
    }

    private DemoSettings with(Distillation teaching, long changed) {
        return new DemoSettings(
                reference,
                data,
                holdoutClasses,
                model,
                width,
                input,
                budget,
                groups,
                variants,
                seeded(pretraining, changed),
                seeded(joint, changed),
                generator,
                metaTraining.withSeed(changed),
                methods,
                seeded(training, changed),
                teaching,
                measureBatch,
                measureSeconds,
                backend,
                changed);
    }

    private static TrainingPlan seeded(TrainingPlan plan, long seed) {
        return new TrainingPlan(
                plan.epochs(),
                plan.batch(),
                plan.rate(),
                plan.warmup(),
                plan.momentum(),
                plan.decay(),
                plan.smoothing(),
                seed);
    }
}
