package io.stamp.bench.demo;

import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.meta.BoundGenerator;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.Stamp;
import io.stamp.model.Model;
import io.stamp.train.ResumeFile;
import java.util.List;
import java.util.stream.IntStream;

/** The second stage: a mask generator learns on many small tasks drawn from the reference data. */
record MetaTraining(DemoContext context, NeededGenerator needed) {
    /**
     * What became of it.
     *
     * @param queryLoss smoothed loss at the end, of masked networks on images that the masks were not adapted to
     * @param parameters of the generator
     * @param seconds of meta-training
     */
    record Result(int episodes, double queryLoss, long parameters, double seconds) {}

    Result run(Model backbone) {
        return context.stage("meta-training-" + needed.key(), Result.class, resume -> train(backbone, resume));
    }

    /** The method on a backbone with the demo's settings. */
    private static Stamp stamp(DemoContext context, GeneratorKind kind, Model backbone) {
        return new Stamp(
                backbone,
                context.groups(backbone.network()),
                context.settings().generator().withPooling(kind.pooling()),
                context.settings().metaTraining());
    }

    /** The generators that a variant needs; one that was never meta-trained stands for sizes and rates where it needs none. */
    static List<BoundGenerator> generators(DemoContext context, Variant variant, Model backbone) {
        List<NeededGenerator> needed = NeededGenerator.of(List.of(variant));
        if (needed.isEmpty()) {
            Stamp stamp = stamp(context, GeneratorKind.WITH_SET, backbone);
            return List.of(new BoundGenerator(stamp, stamp.untrained()));
        }
        return needed.stream()
                .map(generator -> new BoundGenerator(
                        stamp(context, generator.kind(), backbone),
                        GeneratorFile.load(context.folder().checkpoint(generator.checkpoint()), context.backend())
                                .generator()))
                .toList();
    }

    private Result train(Model backbone, ResumeFile resume) {
        DataSets data = context.reference();
        var config = context.settings().metaTraining();
        context.say(
                "A generator%s learns to say which channels of that network a set of images needs. It practises on %d small"
                        + " tasks of %d reference classes each; its mask has to work after %d steps.",
                needed.kind().limitation(),
                config.outer().episodes(),
                config.tasks().classes(),
                config.inner().steps());
        try (Scope _ = Scope.open()) {
            int[] classes = IntStream.range(0, data.classes()).toArray();
            Generator generator = stamp(context, needed.kind(), backbone)
                    .metaTrain(data.train(), data.normalisation(), classes, context.progress(), resume);
            GeneratorFile.save(
                    context.folder().checkpoint(needed.checkpoint()),
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
