package io.stamp.bench.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.Stamp;
import io.stamp.method.PruningDetails;
import io.stamp.method.TargetPruning;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import java.util.Optional;

/** The network that a variant begins its training on the target with: a new head, and channels removed where the variant does that. */
record VariantStart(DemoContext context, Variant variant) {
    /**
     * What it took and what came out.
     *
     * @param pruning what was removed; null for the full network
     * @param searchSeconds until the channels were chosen; for variants with a generator that includes fitting the head
     * @param headSeconds to fit the head where that is not part of the search
     * @param compactionSeconds to build the small network and check it against the masked one
     * @param recalibrationSeconds for fresh batch-norm statistics
     * @param accuracy on the target's test images before training
     */
    record Result(
            PruningDetails pruning,
            long parameters,
            long macs,
            double searchSeconds,
            double headSeconds,
            double compactionSeconds,
            double recalibrationSeconds,
            double accuracy) {}

    /** Name of the checkpoint with the network before its training. */
    static String checkpoint(Variant variant) {
        return variant + ".untrained";
    }

    Result run(Model backbone) {
        return context.stage(variant + "-start", Result.class, _ -> prepare(backbone));
    }

    private Result prepare(Model backbone) {
        try (Scope _ = Scope.open()) {
            if (variant.isSearched()) {
                TargetPruning pruning = pruning(backbone);
                return pruned(pruning, search(pruning), 0);
            }
            long started = System.nanoTime();
            DataSets target = context.target();
            Parameters head = MetaTraining.stamp(context, variant, backbone)
                    .fitHead(
                            target.train(),
                            target.normalisation(),
                            context.settings().search());
            Model withHead = backbone.withHead(head);
            double headSeconds = (System.nanoTime() - started) * 1e-9;
            if (!variant.isPruned()) {
                return full(withHead, headSeconds);
            }
            TargetPruning pruning = pruning(backbone);
            return pruned(pruning, pruning.random(withHead, context.settings().seed()), headSeconds);
        }
    }

    private TargetPruning pruning(Model backbone) {
        return new TargetPruning(backbone, context.policy(), context.target(), context.budget());
    }

    private TargetPruning.Choice search(TargetPruning pruning) {
        Stamp stamp = MetaTraining.stamp(context, variant, pruning.backbone());
        Generator generator = variant.metaTrained().isEmpty()
                ? stamp.untrained()
                : GeneratorFile.load(context.folder().checkpoint(MetaTraining.checkpoint(variant)), context.backend())
                        .generator();
        return pruning.search(stamp, generator, context.settings().search());
    }

    private Result full(Model withHead, double headSeconds) {
        Model start = withHead.on(context.backend());
        double recalibrationSeconds = TargetPruning.recalibrate(
                start, context.target(), batch(), context.settings().seed());
        save(start, null);
        Network.Trace trace = start.network().trace();
        return new Result(
                null,
                trace.parameterCount(),
                trace.multiplyAccumulates(),
                0,
                headSeconds,
                0,
                recalibrationSeconds,
                context.accuracy(start));
    }

    private Result pruned(TargetPruning pruning, TargetPruning.Choice choice, double headSeconds) {
        TargetPruning.Pruned small =
                pruning.compact(choice, batch(), context.settings().seed());
        PruningDetails details = PruningDetails.of(
                variant.toString(), context.policy(), pruning.backbone(), Optional.empty(), small.compact());
        save(small.compact().model(), details);
        Result result = new Result(
                details,
                details.parameters(),
                details.macs(),
                choice.seconds(),
                headSeconds,
                small.compactionSeconds(),
                small.recalibrationSeconds(),
                context.accuracy(small.compact().model()));
        tell(result);
        return result;
    }

    private int batch() {
        return context.settings().training().batch();
    }

    private void save(Model model, PruningDetails pruning) {
        ModelFile.save(
                context.folder().checkpoint(checkpoint(variant)),
                model,
                variant.isPruned() ? Checkpoint.Kind.COMPACT : Checkpoint.Kind.BACKBONE,
                context.provenance(),
                details(context, pruning));
    }

    /** What the checkpoints of a variant tell beside the network. */
    static ObjectNode details(DemoContext context, PruningDetails pruning) {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(context.target()).toJson());
        if (pruning != null) {
            details.set(PruningDetails.FIELD, pruning.toJson());
        }
        return details;
    }

    private void tell(Result result) {
        if (variant.isSearched()) {
            context.say(
                    "The generator looked at %d sets of images and adapted by %d steps in %s s.",
                    context.settings().search().sets(),
                    context.settings().search().steps(),
                    Numbers.rate(result.searchSeconds));
        }
        context.say("%s", result.pruning.sentence());
    }
}
