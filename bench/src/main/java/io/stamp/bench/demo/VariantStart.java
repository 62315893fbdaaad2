package io.stamp.bench.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataDescription;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.nn.Network;
import io.stamp.method.PruningDetails;
import io.stamp.method.TargetPruning;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import java.util.Optional;

/** The network that a variant begins its training on the target with: a new head, and channels removed where the variant does that. */
record VariantStart(DemoContext context, Variant variant) {
    /**
     * What it took and what came out.
     *
     * @param pruning what was removed; null for the full network
     * @param searchSeconds from a fitted head on until the channels were chosen
     * @param headSeconds to fit the head
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

    Result run(Model backbone) {
        return context.stage(variant + "-start", Result.class, _ -> prepare(backbone));
    }

    private Result prepare(Model backbone) {
        DemoSettings settings = context.settings();
        try (Scope _ = Scope.open()) {
            TargetPruning fitted = TargetPruning.of(
                    backbone,
                    context.policy(),
                    context.target(),
                    context.budget(),
                    settings.metaTraining().inner().headSteps(),
                    settings.seed());
            TargetPruning pruning = fitted.with(fitted.task()
                    .withSettings(settings.methods())
                    .withGenerators(MetaTraining.generators(context, variant, backbone))
                    .withReference(context.reference())
                    .withProgress(context.progress()));
            TargetPruning.Choice choice = pruning.choose(variant.pruner());
            TargetPruning.Start start =
                    pruning.start(choice, settings.training().batch());
            PruningDetails details = start.compact()
                    .map(compact -> PruningDetails.of(
                            variant.toString(), context.policy(), backbone, Optional.empty(), compact))
                    .orElse(null);
            save(start.model(), details);
            Network.Trace trace = start.model().network().trace();
            Result result = new Result(
                    details,
                    trace.parameterCount(),
                    trace.multiplyAccumulates(),
                    details == null ? 0 : choice.seconds(),
                    pruning.headSeconds(),
                    start.compactionSeconds(),
                    start.recalibrationSeconds(),
                    context.accuracy(start.model()));
            tell(result);
            return result;
        }
    }

    private void save(Model model, PruningDetails pruning) {
        ModelFile.save(
                context.folder().checkpoint(variant.untrainedCheckpoint()),
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
                    context.settings().methods().whole(ExpectedGate.SETS),
                    context.settings().methods().whole(ExpectedGate.STEPS),
                    Numbers.rate(result.searchSeconds));
        }
        if (result.pruning != null) {
            context.say("%s", result.pruning.sentence());
        }
    }
}
