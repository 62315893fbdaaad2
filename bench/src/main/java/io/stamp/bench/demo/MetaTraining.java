package io.stamp.bench.demo;

import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.Stamp;
import io.stamp.model.Model;
import io.stamp.train.ResumeFile;
import java.util.stream.IntStream;

/**
 * The second stage: a mask generator learns on many small tasks drawn from the reference data.
 *
 * @param variant the one that needs the generator
 */
record MetaTraining(DemoContext context, Variant variant) {
    /**
     * What became of it.
     *
     * @param queryLoss smoothed loss at the end, of masked networks on images that the masks were not adapted to
     * @param parameters of the generator
     * @param seconds of meta-training
     */
    record Result(int episodes, double queryLoss, long parameters, double seconds) {}

    /** Name of the generator's checkpoint. */
    static String checkpoint(Variant variant) {
        return variant == Variant.STAMP ? "generator" : "generator-" + variant;
    }

    Result run(Model backbone) {
        return context.stage("meta-training-" + variant, Result.class, resume -> train(backbone, resume));
    }

    /** The method on a backbone with the generator that a variant needs. */
    static Stamp stamp(DemoContext context, Variant variant, Model backbone) {
        GeneratorConfig config = variant.metaTrained()
                .map(context.settings().generator()::withPooling)
                .orElse(context.settings().generator());
        return new Stamp(
                backbone,
                context.groups(backbone.network()),
                config,
                context.settings().metaTraining());
    }

    private Result train(Model backbone, ResumeFile resume) {
        DataSets data = context.reference();
        var config = context.settings().metaTraining();
        context.say(
                "A generator%s learns to say which channels of that network a set of images needs. It practises on %d small"
                        + " tasks of %d reference classes each; its mask has to work after %d steps.",
                variant == Variant.STAMP ? "" : " (" + variant + ": " + variant.explanation() + ")",
                config.outer().episodes(),
                config.tasks().classes(),
                config.inner().steps());
        try (Scope _ = Scope.open()) {
            int[] classes = IntStream.range(0, data.classes()).toArray();
            Generator generator = stamp(context, variant, backbone)
                    .metaTrain(data.train(), data.normalisation(), classes, context.progress(), resume);
            GeneratorFile.save(
                    context.folder().checkpoint(checkpoint(variant)),
                    generator,
                    GeneratorFile.Origin.of(backbone, context.policy(), context.holdOut(), config),
                    context.provenance());
            context.say(
                    "Done in %s s: the loss of masked networks on new images of a task is now %.2f.",
                    Numbers.rate(generator.seconds()), generator.queryLoss());
            return new Result(
                    config.outer().episodes(),
                    generator.queryLoss(),
                    generator.parameters().size(),
                    generator.seconds());
        }
    }
}
