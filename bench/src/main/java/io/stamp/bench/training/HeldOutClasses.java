package io.stamp.bench.training;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.TextTable;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.meta.Generator;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.MetaValidation;
import io.stamp.meta.Stamp;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.PruningPlan;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Judges a generator on the reference classes that nothing has seen, block by block, and prints what it finds.
 *
 * @param reference all of the reference data, the held-out classes included
 */
public record HeldOutClasses(Stamp stamp, DataSets reference, HoldOut holdOut, MetaValidation validation) {
    /** A task of one class has nothing to tell apart. */
    private static final int FEWEST = 2;

    /** By block and source of the mask; empty for a block that was not judged. */
    public record Scores(
            Map<MetaValidation.Source, MetaValidation.Score> blockA,
            Map<MetaValidation.Source, MetaValidation.Score> blockB) {
        public static final Scores NONE = new Scores(Map.of(), Map.of());
    }

    /**
     * Says before meta-training whether its masks can be judged afterwards.
     *
     * @param groups that masks are made for
     * @throws io.stamp.engine.StampException where a class has too few images for a task, or no mask leaves so little
     */
    public void requireFits(ChannelGroups groups) {
        List<Block> judged =
                Stream.of(blockA(), blockB()).filter(Block::isJudged).toList();
        judged.forEach(block ->
                MetaConfig.Tasks.requireImages(block.pick.apply(reference).train()));
        if (!judged.isEmpty()) {
            PruningPlan.uniformWidth(groups, Budget.macs(validation.budget()));
        }
    }

    public Scores judge(Generator generator, PrintWriter text) {
        if (holdOut.isEmpty()) {
            text.println("The backbone holds out no classes, so there is nothing to judge the masks on.");
            return Scores.NONE;
        }
        return new Scores(judge(blockA(), generator, text), judge(blockB(), generator, text));
    }

    private Block blockA() {
        return new Block("Block A, for choosing settings", holdOut.blockA(), holdOut::blockA);
    }

    private Block blockB() {
        return new Block(
                "Block B, for the last word on them, so choose nothing by it", holdOut.blockB(), holdOut::blockB);
    }

    /** Some held-out classes by number, and how they are picked from the reference data. */
    private record Block(String title, List<Integer> classes, UnaryOperator<DataSets> pick) {
        private boolean isJudged() {
            return classes.size() >= FEWEST;
        }
    }

    private Map<MetaValidation.Source, MetaValidation.Score> judge(Block block, Generator generator, PrintWriter text) {
        if (!block.isJudged()) {
            text.println(block.title + ": fewer than " + FEWEST + " classes, nothing to judge the masks on.");
            return Map.of();
        }
        DataSets heldOut = block.pick.apply(reference);
        DataSets seen = holdOut.kept(reference);
        Map<MetaValidation.Source, MetaValidation.Score> scores = validation.run(
                stamp, generator, seen.train(), heldOut.train(), seen.normalisation(), Progress.onStandardError());
        text.printf(
                Locale.ROOT,
                "%s: %d tasks from %d classes that nothing has seen, masks that leave %s of the MACs:%n",
                block.title,
                validation.tasks(),
                heldOut.classes(),
                Numbers.percent(validation.budget()));
        table(scores).lines().forEach(text::println);
        return scores;
    }

    private static TextTable table(Map<MetaValidation.Source, MetaValidation.Score> scores) {
        TextTable table = new TextTable("masks", "query loss", "+-", "accuracy", "+-", "MACs");
        scores.forEach((source, score) -> table.row(
                source.toString().toLowerCase(Locale.ROOT).replace('_', '-'),
                String.format(Locale.ROOT, "%.3f", score.loss()),
                String.format(Locale.ROOT, "%.3f", score.lossDeviation()),
                Numbers.percent(score.accuracy()),
                Numbers.percent(score.accuracyDeviation()),
                Numbers.percent(score.macs())));
        return table;
    }
}
