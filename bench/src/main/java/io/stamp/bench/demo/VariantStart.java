package io.stamp.bench.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.Numbers;
import io.stamp.bench.prune.PruningDetails;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.Generator;
import io.stamp.meta.GeneratorFile;
import io.stamp.meta.Stamp;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.List;

/** The network that a variant begins its training on the target with: a new head, and channels removed where the variant does that. */
record VariantStart(DemoContext context, Variant variant) {
    private static final int RECALIBRATION_BATCHES = 10;

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

    private record Chosen(Model model, PruningPlan plan, double searchSeconds, double headSeconds) {}

    /** Name of the checkpoint with the network before its training. */
    static String checkpoint(Variant variant) {
        return variant + ".untrained";
    }

    Result run(Model backbone) {
        return context.folder().stage(variant + "-start", Result.class, _ -> prepare(backbone));
    }

    private Result prepare(Model backbone) {
        try (Scope _ = Scope.open()) {
            Chosen chosen = choose(backbone);
            long started = System.nanoTime();
            CompactModel compact = chosen.plan == null ? null : Compaction.of(chosen.model, chosen.plan);
            double compactionSeconds = compact == null ? 0 : seconds(started);
            PruningDetails pruning = compact == null
                    ? null
                    : PruningDetails.of(variant.toString(), context.settings().groups(), compact);
            Model start = compact == null ? chosen.model.on(context.backend()) : compact.model();
            double recalibrationSeconds = recalibrate(start);
            save(start, pruning);
            var trace = start.network().trace();
            Result result = new Result(
                    pruning,
                    trace.parameterCount(),
                    trace.multiplyAccumulates(),
                    chosen.searchSeconds,
                    chosen.headSeconds,
                    compactionSeconds,
                    recalibrationSeconds,
                    context.accuracy(start));
            tell(result, compact);
            return result;
        }
    }

    private Chosen choose(Model backbone) {
        return variant.isSearched() ? search(backbone) : withFittedHead(backbone);
    }

    private Chosen withFittedHead(Model backbone) {
        long started = System.nanoTime();
        DataSets target = context.target();
        Parameters head = MetaTraining.stamp(context, variant, backbone)
                .fitHead(
                        target.train(),
                        target.normalisation(),
                        context.settings().search());
        Model model = backbone.withHead(head);
        double headSeconds = seconds(started);
        if (!variant.isPruned()) {
            return new Chosen(model, null, 0, headSeconds);
        }
        long planned = System.nanoTime();
        PruningPlan plan = PruningPlan.uniformRandom(
                context.groups(model.network()),
                context.budget(),
                context.settings().seed());
        return new Chosen(model, plan, seconds(planned), headSeconds);
    }

    private Chosen search(Model backbone) {
        Stamp stamp = MetaTraining.stamp(context, variant, backbone);
        Generator generator = variant.metaTrained().isEmpty()
                ? stamp.untrained()
                : GeneratorFile.load(context.folder().checkpoint(MetaTraining.checkpoint(variant)), context.backend())
                        .generator();
        long started = System.nanoTime();
        DataSets target = context.target();
        Stamp.Found found = stamp.search(
                generator,
                target.train(),
                target.normalisation(),
                context.budget(),
                context.settings().search());
        Model model = backbone.withHead(found.head());
        PruningPlan plan = PruningPlan.byScores(
                context.groups(model.network()), found.scores(), context.budget(), PruningPlan.MINIMUM_CHANNELS);
        return new Chosen(model, plan, seconds(started), 0);
    }

    private double recalibrate(Model model) {
        long started = System.nanoTime();
        DataSets target = context.target();
        Evaluator.recalibrate(
                context.backend(),
                model,
                target.train(),
                target.normalisation(),
                context.settings().training().batch(),
                RECALIBRATION_BATCHES,
                context.settings().seed());
        return seconds(started);
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

    private void tell(Result result, CompactModel compact) {
        if (variant.isSearched()) {
            context.say(
                    "The generator looked at %d sets of images and adapted by %d steps in %s s.",
                    context.settings().search().sets(),
                    context.settings().search().steps(),
                    Numbers.rate(result.searchSeconds));
        }
        if (compact != null) {
            PruningDetails pruning = result.pruning;
            int kept = pruning.kept().values().stream().mapToInt(List::size).sum();
            int all = compact.plan().groups().sizes().values().stream()
                    .mapToInt(size -> size)
                    .sum();
            context.say(
                    "%d of %d channels are removed for good: %s of the MACs and %s of the parameters are left. The small network"
                            + " answers what the large one with zeroed channels answers (difference %.1e).",
                    all - kept,
                    all,
                    Numbers.percent((double) pruning.macs() / pruning.fullMacs()),
                    Numbers.percent((double) pruning.parameters() / pruning.fullParameters()),
                    pruning.parity().running());
        }
    }

    private static double seconds(long startedNanos) {
        return (System.nanoTime() - startedNanos) * 1e-9;
    }
}
